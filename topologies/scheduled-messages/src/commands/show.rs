//! `squall messages show`.

use clap::{ArgMatches, Command};
use serde_json::{Map, Value};
use squall_ops::cli::table::{Cell, Table};
use squall_ops::cli::{json, print};
use squall_ops::client::encoded;
use squall_ops::{Client, Flags, StartError, exit};

use super::{asking, examples, id};
use crate::api;

const EXAMPLE: &str = "messages show 01890a5d-ac96-774b-bcce-b302099a8057 --json | jq .trail";

pub(super) fn spec() -> Command {
    let command = Command::new("show")
        .about("Prints a message, and what happened to it")
        .arg(id("The id of a message"));
    examples(asking(command), &[EXAMPLE])
}

/// Prints it with its trail.
pub(super) fn show(args: &ArgMatches) -> Result<u8, StartError> {
    let client = Client::of(args)?;
    let path = path_of(args);
    let mut message: Map<String, Value> = client.get(&path)?;
    let mut trail: Map<String, Value> = client.get(&format!("{path}/trail"))?;
    message.insert("trail".to_owned(), trail.remove("trail").unwrap_or_default());
    if json::is_wanted(args) {
        json::print_object("message", message)?;
    } else {
        print(&in_words(&message))?;
    }
    Ok(exit::OK)
}

/// Where the message is that the arguments name.
pub(super) fn path_of(args: &ArgMatches) -> String {
    let id = Flags::new(args).one::<String>("id").map(String::as_str).unwrap_or_default();
    format!("{}/{}", api::PATH, encoded(id))
}

/// What is known of it, and what happened to it below that.
fn in_words(message: &Map<String, Value>) -> String {
    let mut known = Table::default();
    for (key, value) in message {
        if !value.is_null() && key != "trail" {
            known.row([Cell::text(key), Cell::text(plain(value))]);
        }
    }
    let mut trail = Table::default();
    for happened in message.get("trail").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| happened.get(key).map(plain).unwrap_or_default();
        trail.row(["at", "who", "what", "detail"].map(|key| Cell::text(text(key))));
    }
    format!("{}\n{}", known.in_lines(), trail.in_lines())
}

/// A value for people, in one line.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    text.replace(|letter: char| letter.is_control(), " ")
}
