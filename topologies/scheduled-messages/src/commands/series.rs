//! `squall messages series`: messages that recur.

use clap::{Arg, ArgMatches, Command};
use serde_json::Value;
use squall_ops::cli::{json, print};
use squall_ops::client::encoded;
use squall_ops::{Client, Flags, StartError, exit};

use super::{asking, examples, id};
use crate::api::series::PATH;

const DRAFT: &str = "messages series add '{\"account\": \"me\", \"destination\": \"inbox\", \"text\": \"Good morning\", \"cron\": \"0 9 * * MON-FRI\", \"zone\": \"Europe/Berlin\"}'";

pub(super) fn spec() -> Command {
    let draft =
        Arg::new("draft").value_name("DRAFT").required(true).help("The series, as the interface takes it");
    let add = Command::new("add").about("Stores a series, written as JSON").arg(draft);
    let verb = |name: &'static str, about: &'static str| {
        let command = asking(Command::new(name).about(about).arg(id("The id of a series")));
        examples(command, &[&format!("messages series {name} 01890a5d-ac96-774b-bcce-b302099a8057")])
    };
    let command = Command::new("series").about("Looks after messages that recur").subcommand_required(true);
    command.arg_required_else_help(true).subcommands([
        examples(asking(add), &[DRAFT]),
        verb("pause", "Makes no message until it is resumed"),
        verb("resume", "Goes on behind a pause"),
        verb("end", "Makes no message any more, ever"),
    ])
}

pub(super) fn series(args: &ArgMatches) -> Result<u8, StartError> {
    let Some((verb, args)) = args.subcommand() else { return Ok(exit::USAGE) };
    let client = Client::of(args)?;
    let flags = Flags::new(args);
    let text = |id: &str| flags.one::<String>(id).map(String::as_str).unwrap_or_default();
    let series: Value = if verb == "add" {
        let draft: Value = serde_json::from_str(text("draft"))
            .map_err(|error| StartError::usage(format!("the series is no JSON: {error}")))?;
        client.post(PATH, Some(&draft))?
    } else {
        client.post(&format!("{PATH}/{}/{verb}", encoded(text("id"))), None)?
    };
    if json::is_wanted(args) {
        json::print_object("series", series)?;
    } else {
        let text = |key: &str| series.get(key).and_then(Value::as_str).unwrap_or_default();
        print(&format!("{} is {}\n", text("id"), text("state")))?;
    }
    Ok(exit::OK)
}
