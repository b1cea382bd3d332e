//! `squall ctl rebalance`: gives components other numbers of tasks, while they run.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use super::{dry_run, path_of, text, topology};
use crate::cli::help::with_examples;
use crate::cli::json as output;
use crate::cli::print::print;
use crate::client::encoded;
use crate::{Client, Flags, StartError, exit};

/// A component and its number of tasks.
#[derive(Clone, Debug)]
struct Wanted {
    component: String,
    tasks: usize,
}

pub(super) fn spec(product: &str) -> Command {
    let wanted = Arg::new("wanted")
        .value_name("COMPONENT=TASKS")
        .required(true)
        .num_args(1..)
        .value_parser(wanted)
        .help("Which component, and how many tasks it gets");
    let command = Command::new("rebalance")
        .about("Gives components other numbers of tasks while they run; nothing is lost")
        .args([topology(), wanted, dry_run()]);
    with_examples(
        command,
        product,
        &["ctl rebalance word-count split=4", "ctl rebalance word-count split=4 count=2 --dry-run"],
    )
}

/// Gives them, one component after the other.
pub(super) fn rebalance(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let flags = Flags::new(args);
    let client = Client::of(args)?;
    let topology = text(flags, "topology");
    let all: Vec<&Wanted> = args.get_many::<Wanted>("wanted").into_iter().flatten().collect();
    // All of them are tried first, so that a mistake in the last one changes nothing.
    let mut answers = ask(&client, topology, &all, true)?;
    if !flags.is_set("dry-run") {
        answers = ask(&client, topology, &all, false)?;
    }
    if output::is_wanted(args) {
        output::print_object("rebalance", json!({"topology": topology, "components": answers}))?;
    } else {
        print(&answers.iter().map(lines).collect::<String>())?;
    }
    Ok(exit::OK.into())
}

fn ask(client: &Client, topology: &str, all: &[&Wanted], dry_run: bool) -> Result<Vec<Value>, StartError> {
    let ask = |wanted: &&Wanted| {
        let component = encoded(&wanted.component);
        let path = format!("{}/components/{component}/rebalance", path_of(topology));
        client.post(&path, Some(&json!({"parallelism": wanted.tasks, "dry_run": dry_run})))
    };
    all.iter().map(ask).collect()
}

/// What was changed, or would be.
fn lines(answer: &Value) -> String {
    let component = answer.get("component").and_then(Value::as_str).unwrap_or_default();
    let (from, to) = (number(answer, "/parallelism/from"), number(answer, "/parallelism/to"));
    let would = if answer.get("dry_run") == Some(&Value::Bool(true)) { "would go" } else { "went" };
    let mut lines = if from == to {
        format!("`{component}` has {from} already\n")
    } else {
        format!("`{component}` {would} from {from} to {to} tasks\n")
    };
    for warning in answer.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        lines.push_str(&format!("note: {}\n", warning.as_str().unwrap_or_default()));
    }
    lines
}

fn number(answer: &Value, pointer: &str) -> u64 {
    answer.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let wrong = || format!("write it as COMPONENT=TASKS, such as split=4; this is `{text}`");
    let (component, tasks) = text.rsplit_once('=').ok_or_else(wrong)?;
    let tasks = tasks.parse().map_err(|_| wrong())?;
    if component.is_empty() || tasks == 0 {
        return Err(wrong());
    }
    Ok(Wanted { component: component.to_owned(), tasks })
}
