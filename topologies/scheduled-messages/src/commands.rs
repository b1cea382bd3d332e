//! `squall messages`: what the pages do, from a shell.
//!
//! | command | file |
//! |---|---|
//! | `list`, `show` | `commands/list.rs`, `commands/show.rs` |
//! | `schedule`, `edit` | `commands/draft.rs` |
//! | `import` | `commands/import.rs` and below |
//! | `cancel`, `retry`, `send-now`, `move`, `resolve` | `commands/act.rs` |
//! | `suspend`, `release` | `commands/suspend.rs` |
//! | `series …` | `commands/series.rs` |
//!
//! All of them ask a process that runs, over its interface: nothing is decided here.

mod act;
mod draft;
mod field;
mod import;
mod line;
mod list;
mod series;
mod show;
mod suspend;

pub(crate) use line::line;

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use squall_ops::cli::{json, with_examples};
use squall_ops::{Client, StartError, exit};

/// The name of the command.
const NAME: &str = "messages";

/// What stands in examples for the name of the binary, which only the binary knows.
const BINARY: &str = "{binary}";

/// `squall messages`.
#[derive(Debug)]
pub(crate) struct Messages;

impl squall_ops::Command for Messages {
    fn spec(&self) -> Command {
        let command = Command::new(NAME)
            .about("Looks after messages of a process that runs: the same as its pages do")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands([list::spec(), show::spec(), import::spec()])
            .subcommands(draft::specs())
            .subcommands(act::specs())
            .subcommands(suspend::specs())
            .subcommand(series::spec());
        examples(command, &["messages list --state dead", "messages import newsletter.ndjson"])
    }

    fn run(&self, args: &ArgMatches) -> Result<ExitCode, StartError> {
        let code = match args.subcommand() {
            Some(("list", args)) => list::list(args)?,
            Some(("show", args)) => show::show(args)?,
            Some(("import", args)) => import::import(args)?,
            Some(("schedule", args)) => draft::schedule(args)?,
            Some(("edit", args)) => draft::edit(args)?,
            Some(("suspend", args)) => suspend::suspend(args)?,
            Some(("release", args)) => suspend::release(args)?,
            Some(("series", args)) => series::series(args)?,
            Some((verb, args)) => act::act(verb, args)?,
            None => exit::USAGE,
        };
        Ok(code.into())
    }
}

/// The flags of every command that asks a process.
fn asking(command: Command) -> Command {
    command.arg(json::arg()).args(Client::args())
}

fn examples(command: Command, examples: &[&str]) -> Command {
    with_examples(command, BINARY, examples)
}

/// The id of a message or of a series.
fn id(about: &'static str) -> Arg {
    Arg::new("id").value_name("ID").required(true).help(about)
}
