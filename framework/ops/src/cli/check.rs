//! `squall check`: what all checks of a process say, as a plugin of Nagios tells it.

mod reply;
mod verdict;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::help::with_examples;
use super::json;
use super::print::print;
use crate::StartError;
use crate::client::Client;
use reply::Reply;
use verdict::{Asked, Verdict};

/// The flags.
pub(super) fn spec(product: &str) -> Command {
    let flag = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let command = Command::new("check")
        .about("Asks a process how it is, as a plugin of Nagios: one line, and an exit code")
        .after_help("Exit codes: 0 OK, 1 WARNING (mail), 2 CRITICAL (page), 3 UNKNOWN (nobody answers).")
        .args(Client::args())
        .arg(flag("check", "NAME", "Only this check; may be said again").action(ArgAction::Append))
        .arg(flag("topology", "NAME", "Only what is about this topology"))
        .arg(flag("category", "CATEGORY", "Only checks of this category").value_parser(["page", "mail"]))
        .arg(
            flag("timeout", "SECONDS", "How long an answer may take")
                .value_parser(value_parser!(u64).range(1..=3_600))
                .default_value("10"),
        )
        .arg(json::arg());
    with_examples(
        command,
        product,
        &["check", "check --topology word-count --check bottleneck --category mail"],
    )
}

/// Asks, prints and exits as Nagios has it.
pub(super) fn check(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let one = |name: &str| args.get_one::<String>(name).cloned();
    let asked = Asked {
        checks: args.get_many("check").into_iter().flatten().cloned().collect(),
        topology: one("topology"),
        category: one("category"),
    };
    let timeout = Duration::from_secs(args.get_one("timeout").copied().unwrap_or(10));
    let client = Client::of(args).and_then(|client| client.within(timeout));
    let reply = client.map_err(|error| error.to_string()).and_then(|client| Reply::of(&client));
    let verdict = match reply {
        Ok(reply) => Verdict::of(&reply, &asked),
        Err(why) => Verdict::unknown(why),
    };
    print(&if json::is_wanted(args) { json::line("check", verdict.object())? } else { verdict.text() })?;
    Ok(verdict.code().into())
}
