//! `squall ctl`: looks after a process that runs.

mod rebalance;
mod reload;
mod status;
mod tell;
mod wait;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;

use super::help::with_examples;
use super::json;
use super::print::print;
use crate::client::encoded;
use crate::{Client, Flags, StartError};

pub(super) fn spec(product: &str) -> Command {
    let subcommands = [
        status::spec(product),
        tell::pause(product),
        tell::resume(product),
        tell::drain(product),
        tell::kill(product),
        rebalance::spec(product),
        tell::restart(product),
        reload::spec(product),
    ];
    let command = Command::new("ctl")
        .about("Looks after a process that runs: the same as its pages do")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(subcommands.map(|command| command.arg(json::arg()).args(Client::args())));
    with_examples(command, product, &["ctl status", "ctl rebalance word-count split=4 --dry-run"])
}

/// Does what is asked for.
pub(super) fn ctl(args: &ArgMatches) -> Result<ExitCode, StartError> {
    match args.subcommand() {
        Some(("status", args)) => status::status(args),
        Some(("rebalance", args)) => rebalance::rebalance(args),
        Some(("reload", args)) => reload::reload(args),
        Some((verb, args)) => tell::tell(verb, args),
        None => Err(StartError::usage("say what is to be done; see --help")),
    }
}

/// What is done to which topology.
fn topology() -> Arg {
    Arg::new("topology").value_name("TOPOLOGY").required(true).help("Which topology")
}

fn dry_run() -> Arg {
    Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Only says what would be done")
}

fn yes() -> Arg {
    Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Does not ask back")
}

/// The path of a topology in the interface.
fn path_of(topology: &str) -> String {
    format!("/api/v1/topologies/{}", encoded(topology))
}

/// The text of an argument that must be there.
fn text<'a>(flags: Flags<'a>, id: &str) -> &'a str {
    flags.one::<String>(id).map(String::as_str).unwrap_or_default()
}

/// Says what was done: to people a sentence, to programs what the process answered.
fn done(args: &ArgMatches, answer: Value, sentence: &str) -> Result<(), StartError> {
    if json::is_wanted(args) { json::print_object("ctl", answer) } else { print(&format!("{sentence}\n")) }
}
