//! `squall tap`: some of the tuples that a component emits, one a line.

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::help::with_examples;
use super::json;
use super::print::print_next;
use crate::client::encoded;
use crate::{Client, Flags, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let number = |name: &'static str, most: i64, help: &'static str| {
        Arg::new(name).long(name).value_name("N").value_parser(value_parser!(u32).range(1..=most)).help(help)
    };
    let command = Command::new("tap")
        .about("Prints some of the tuples that a component emits, as JSON, one a line; it slows nothing down")
        .arg(Arg::new("topology").value_name("TOPOLOGY").required(true).help("Which topology"))
        .arg(Arg::new("component").value_name("COMPONENT").required(true).help("Which of its components"))
        .arg(
            Arg::new("stream")
                .long("stream")
                .value_name("STREAM")
                .help("One of its streams [default: all of them]"),
        )
        .arg(number("rate", 10, "How many a second at most [default: 10]"))
        .arg(number("limit", 100, "How many in all at most [default: 100]"))
        .arg(number("seconds", 60, "How long at most [default: 60]"))
        .arg(json::arg().help("Prints JSON; it always does").hide(true))
        .args(Client::args());
    with_examples(
        command,
        product,
        &["tap word-count split --limit 5", "tap word-count split --stream late | jq .tuple"],
    )
}

/// Prints tuples until there are enough of them, or the topology is over.
pub(super) fn tap(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let client = Client::of(args)?;
    let mut reason = None;
    client.follow(&path(Flags::new(args)), |told| match told.kind.as_str() {
        "tuple" => print_next(&json::line("tuple", told.json())?),
        "end" => {
            reason = told.json().get("reason").and_then(serde_json::Value::as_str).map(str::to_owned);
            Ok(ControlFlow::Break(()))
        }
        _ => Ok(ControlFlow::Continue(())),
    })?;
    if reason.as_deref() == Some("over") {
        anstream::eprintln!("note: the topology is over");
    }
    Ok(exit::OK.into())
}

fn path(flags: Flags<'_>) -> String {
    let text = |id: &str| flags.one::<String>(id).map(|text| encoded(text)).unwrap_or_default();
    let mut path = format!("/api/v1/tap?topology={}&component={}", text("topology"), text("component"));
    if flags.one::<String>("stream").is_some() {
        path.push_str(&format!("&stream={}", text("stream")));
    }
    for id in ["rate", "limit", "seconds"] {
        if let Some(number) = flags.one::<u32>(id) {
            path.push_str(&format!("&{id}={number}"));
        }
    }
    path
}
