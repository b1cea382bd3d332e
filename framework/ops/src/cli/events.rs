//! `squall events`: what happened in a process that runs, and who did it.

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;

use super::colour::{self, in_style};
use super::help::with_examples;
use super::json;
use super::print::print_next;
use crate::{Client, Flags, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let command = Command::new("events")
        .about("Prints what happened in a process that runs, and who did it")
        .arg(
            Arg::new("follow")
                .long("follow")
                .short('f')
                .action(ArgAction::SetTrue)
                .help("Goes on with what happens from now on"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .short('n')
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=1000))
                .default_value("20")
                .help("How many of the newest are printed first"),
        )
        .arg(json::arg().help("Prints JSON, an event a line"))
        .args(Client::args());
    with_examples(command, product, &["events", "events --follow --json | jq -r .sentence"])
}

/// Prints the newest events, and follows them if that is wanted.
pub(super) fn events(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let (flags, is_json) = (Flags::new(args), json::is_wanted(args));
    let client = Client::of(args)?;
    let limit = flags.one::<u32>("limit").copied().unwrap_or(20);
    let told: Value = client.get(&format!("/api/v1/events?limit={limit}"))?;
    for event in told.get("events").and_then(Value::as_array).into_iter().flatten() {
        if show(event, is_json)?.is_break() {
            return Ok(exit::OK.into());
        }
    }
    if flags.is_set("follow") {
        let newest = told.get("newest").and_then(Value::as_u64).unwrap_or_default();
        client.follow_from("/api/v1/stream?topics=events", Some(newest), |told| {
            match told.kind.as_str() {
                "event" => show(&told.json(), is_json),
                "lagged" => {
                    anstream::eprintln!("note: events came faster than they were read; some are left out");
                    Ok(ControlFlow::Continue(()))
                }
                _ => Ok(ControlFlow::Continue(())),
            }
        })?;
    }
    Ok(exit::OK.into())
}

fn show(event: &Value, is_json: bool) -> Result<ControlFlow<()>, StartError> {
    if is_json { print_next(&json::line("event", event)?) } else { print_next(&line(event)) }
}

/// An event for people: when, what, and who did it.
fn line(event: &Value) -> String {
    let text = |key: &str| event[key].as_str();
    let at = in_style(colour::FAINT, text("at").unwrap_or_default());
    let kind = text("kind").unwrap_or_default();
    let kind = if event["ok"] == false { in_style(colour::BAD, kind) } else { kind.to_owned() };
    let place = match (text("topology"), text("component")) {
        (Some(topology), Some(component)) => format!(" {topology}/{component}"),
        (Some(topology), None) => format!(" {topology}"),
        _ => String::new(),
    };
    let who = match (text("who"), text("address")) {
        (Some(who), Some(address)) if !address.is_empty() => format!(" ({who}, {address})"),
        (Some(who), _) => format!(" ({who})"),
        _ => String::new(),
    };
    format!("{at} {kind}{place}: {}{who}\n", text("sentence").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_when_where_what_and_who() {
        let event = json!({"seq": 1, "at": "2026-01-02T03:04:05.000Z", "kind": "kill", "topology": "words",
            "sentence": "`words` was killed", "ok": true, "who": "ann", "address": "127.0.0.1"});

        let plain = anstream::adapter::strip_str(&line(&event)).to_string();

        assert_eq!(plain, "2026-01-02T03:04:05.000Z kill words: `words` was killed (ann, 127.0.0.1)\n");
    }
}
