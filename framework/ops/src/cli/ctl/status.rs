//! `squall ctl status`: how everything stands.

use std::process::ExitCode;

use anstyle::Style;
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

use super::path_of;
use crate::cli::help::with_examples;
use crate::cli::print::print;
use crate::cli::table::{Cell, Table};
use crate::cli::{colour, json};
use crate::show::{Count, Percent, Rate, Seconds};
use crate::{Client, Flags, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let command = Command::new("status")
        .about("Prints how everything stands, or one topology with its components")
        .arg(Arg::new("topology").value_name("TOPOLOGY").help("Which topology [default: all]"));
    with_examples(command, product, &["ctl status", "ctl status word-count --json | jq .state"])
}

/// Prints how everything stands.
pub(super) fn status(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let client = Client::of(args)?;
    let (kind, path) = match Flags::new(args).one::<String>("topology") {
        Some(topology) => ("topology", path_of(topology)),
        None => ("status", "/api/v1/topologies".to_owned()),
    };
    let answer: Value = client.get(&path)?;
    if json::is_wanted(args) {
        json::print_object(kind, answer)?;
    } else if kind == "topology" {
        print(&format!("{}\n{}", topologies(&[&answer]), components(&answer)))?;
    } else {
        let all: Vec<&Value> =
            answer.get("topologies").and_then(Value::as_array).into_iter().flatten().collect();
        print(&topologies(&all))?;
    }
    Ok(exit::OK.into())
}

fn topologies(all: &[&Value]) -> String {
    let mut table = Table::default();
    table.row(head(&["TOPOLOGY", "STATE"], &["UP", "EMITTED/S", "ACKED/S", "FAILED/S", "PENDING", "P99"]));
    for topology in all {
        let state = topology.get("state").and_then(Value::as_str).unwrap_or_default();
        table.row([
            Cell::text(topology.get("name").and_then(Value::as_str).unwrap_or_default()),
            Cell::text(state).styled(style(state)),
            seconds(&topology["uptime_seconds"]),
            rate(&topology["emitted_per_s"]),
            rate(&topology["acked_per_s"]),
            rate(&topology["failed_per_s"]),
            count(&topology["pending"]),
            seconds(&topology["complete_p99_seconds"]),
        ]);
    }
    table.in_lines()
}

fn components(topology: &Value) -> String {
    let mut table = Table::default();
    table
        .row(head(&["COMPONENT", "KIND"], &["TASKS", "EMITTED/S", "EXECUTED/S", "CAPACITY", "QUEUE", "P99"]));
    for component in topology.get("components").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| Cell::text(component[key].as_str().unwrap_or_default());
        table.row([
            text("name"),
            text("kind"),
            count(&component["tasks"]),
            rate(&component["emitted_per_s"]),
            rate(&component["executed_per_s"]),
            share(&component["capacity"]),
            count(&component["queue_depth"]),
            seconds(&component["execute_p99_seconds"]),
        ]);
    }
    table.in_lines()
}

fn head(texts: &[&str], numbers: &[&str]) -> Vec<Cell> {
    let texts = texts.iter().map(|&text| Cell::text(text));
    let numbers = numbers.iter().map(|&text| Cell::number(text));
    texts.chain(numbers).map(|cell| cell.styled(Style::new().bold())).collect()
}

fn style(state: &str) -> Style {
    match state {
        "running" => colour::GOOD,
        "failed" => colour::BAD,
        "ended" => colour::FAINT,
        _ => colour::ODD,
    }
}

fn rate(value: &Value) -> Cell {
    number(value.as_f64().map(|rate| Rate(rate).to_string()))
}

fn share(value: &Value) -> Cell {
    number(value.as_f64().map(|share| Percent(share).to_string()))
}

fn seconds(value: &Value) -> Cell {
    number(value.as_f64().map(|seconds| Seconds(seconds).to_string()))
}

fn count(value: &Value) -> Cell {
    number(value.as_u64().map(|count| Count(count).to_string()))
}

/// What was not measured is a dash.
fn number(shown: Option<String>) -> Cell {
    Cell::number(shown.unwrap_or_else(|| "-".to_owned()))
}
