//! `squall ctl pause`, `resume`, `drain`, `kill`, `restart`: what a topology or a part of it is told.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::{done, dry_run, path_of, text, topology, wait, yes};
use crate::cli::ask::confirm;
use crate::cli::help::with_examples;
use crate::client::encoded;
use crate::show::Count;
use crate::{Client, Flags, StartError, exit};

pub(super) fn pause(product: &str) -> Command {
    let command = Command::new("pause")
        .about("Has spouts asked for nothing more until they are resumed")
        .args([topology(), spout(), dry_run()]);
    with_examples(command, product, &["ctl pause word-count", "ctl pause word-count lines"])
}

pub(super) fn resume(product: &str) -> Command {
    let command = Command::new("resume").about("Has spouts asked for tuples again").args([
        topology(),
        spout(),
        dry_run(),
    ]);
    with_examples(command, product, &["ctl resume word-count"])
}

pub(super) fn drain(product: &str) -> Command {
    let deadline = Arg::new("deadline")
        .long("deadline")
        .value_name("SPAN")
        .value_parser(|text: &str| humantime::parse_duration(text))
        .help("What is left after this time fails [default: 30s]");
    let wait = Arg::new("wait").long("wait").action(ArgAction::SetTrue).help("Waits until it is over");
    let command = Command::new("drain")
        .about(
            "Has a topology come to its end: its spouts are never asked again, and what is in flight goes on",
        )
        .args([topology(), deadline, wait, yes(), dry_run()]);
    with_examples(command, product, &["ctl drain word-count --deadline 2m --wait"])
}

pub(super) fn kill(product: &str) -> Command {
    let command = Command::new("kill").about("Ends a topology at once: what is in flight fails").args([
        topology(),
        yes(),
        dry_run(),
    ]);
    with_examples(command, product, &["ctl kill word-count --yes"])
}

pub(super) fn restart(product: &str) -> Command {
    let component = Arg::new("component").value_name("COMPONENT").required(true).help("Which component");
    let task = Arg::new("task")
        .value_name("TASK")
        .required(true)
        .value_parser(value_parser!(usize))
        .help("The number of the task, from 0");
    let command = Command::new("restart")
        .about("Has one task built anew: it begins without what it had in memory, and loses no tuple")
        .args([topology(), component, task, dry_run()]);
    with_examples(command, product, &["ctl restart word-count split 0"])
}

fn spout() -> Arg {
    Arg::new("component").value_name("SPOUT").help("Only this spout [default: all of them]")
}

/// Tells it.
pub(super) fn tell(verb: &str, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let flags = Flags::new(args);
    let client = Client::of(args)?;
    let topology = text(flags, "topology");
    let what = what(verb, flags);
    // Also so that nobody is asked about something that does not exist.
    let standing: Value = client.get(&path_of(topology))?;
    let pending = Count(standing.get("pending").and_then(Value::as_u64).unwrap_or_default());
    if flags.is_set("dry-run") {
        let (topology, dry_run) = (standing.get("name").cloned(), true);
        let state = standing.get("state").and_then(Value::as_str).unwrap_or_default();
        let sentence = format!("would {what} ({state}, {pending} roots in flight); nothing was done");
        done(args, json!({"topology": topology, "would": verb, "dry_run": dry_run}), &sentence)?;
        return Ok(exit::OK.into());
    }
    if matches!(verb, "drain" | "kill") && !flags.is_set("yes") {
        confirm(&format!("{}, with {pending} roots in flight", capitalised(&what)))?;
    }
    let answer: Value = client.post(&path(verb, flags), None)?;
    let is_waited_for = flags.is_set("wait");
    if is_waited_for {
        wait::until_over(&client, topology)?;
    }
    let sentence = match (verb, is_waited_for) {
        ("drain", true) => format!("`{topology}` is over"),
        ("drain", false) => format!("`{topology}` drains"),
        ("kill", _) => format!("`{topology}` was told to end"),
        _ => format!("done: {what}"),
    };
    done(args, answer, &sentence)?;
    Ok(exit::OK.into())
}

/// What is done, in words.
fn what(verb: &str, flags: Flags<'_>) -> String {
    let topology = text(flags, "topology");
    match (flags.one::<String>("component"), flags.one::<usize>("task")) {
        (Some(component), Some(task)) => format!("{verb} task {task} of `{component}` of `{topology}`"),
        (Some(component), None) => format!("{verb} `{component}` of `{topology}`"),
        _ => format!("{verb} `{topology}`"),
    }
}

fn path(verb: &str, flags: Flags<'_>) -> String {
    let mut path = path_of(text(flags, "topology"));
    if let Some(component) = flags.one::<String>("component") {
        path.push_str(&format!("/components/{}", encoded(component)));
    }
    if let Some(task) = flags.one::<usize>("task") {
        path.push_str(&format!("/tasks/{task}"));
    }
    path.push('/');
    path.push_str(verb);
    if let Some(deadline) = flags.one::<Duration>("deadline") {
        let deadline = humantime::format_duration(*deadline).to_string();
        path.push_str(&format!("?deadline={}", encoded(&deadline)));
    }
    path
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
