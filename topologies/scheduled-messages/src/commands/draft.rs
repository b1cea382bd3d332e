//! `squall messages schedule` and `edit`.

use clap::{ArgMatches, Command};
use serde_json::{Map, Value};
use squall_ops::cli::{json, print};
use squall_ops::client::{Method, Reply};
use squall_ops::{Client, StartError, exit};

use super::field::{Field, TIMES, field, given};
use super::show::path_of;
use super::{asking, examples, id};
use crate::api;

const NOT_AFTER: Field =
    field("not_after", "WHEN", "Until when it may be sent: an instant, or a span from when it is due");
const TEXT: Field = field("text", "TEXT", "What it says");

const NEW: [Field; 5] = [
    field("account", "NAME", "Whose message it is"),
    field("destination", "NAME", "Where it goes"),
    TEXT,
    NOT_AFTER,
    field("idempotency_key", "KEY", "Makes the command repeatable: the same key stores it once"),
];

const EDIT: [Field; 2] = [TEXT, NOT_AFTER];

const EXAMPLES: [&str; 2] = [
    "messages schedule --account me --destination inbox --text Hello --in 5s",
    "messages edit 01890a5d-ac96-774b-bcce-b302099a8057 --text 'Hello again'",
];

pub(super) fn specs() -> [Command; 2] {
    let [new, edited] = EXAMPLES;
    let schedule = Command::new("schedule")
        .about("Schedules a message")
        .args(NEW.iter().chain(&TIMES).map(|field| field.arg()));
    let edit = Command::new("edit")
        .about("Says a message otherwise, or at another time, if it is not too late")
        .arg(id("The id of a message"))
        .args(EDIT.iter().chain(&TIMES).map(|field| field.arg()));
    [examples(asking(schedule), &[new]), examples(asking(edit), &[edited])]
}

/// Stores it.
pub(super) fn schedule(args: &ArgMatches) -> Result<u8, StartError> {
    let body = body(&NEW, args);
    let message: Value = Client::of(args)?.post(api::PATH, Some(&body.into()))?;
    told(args, message, "is stored, and due at")
}

/// Changes it.
pub(super) fn edit(args: &ArgMatches) -> Result<u8, StartError> {
    let body = body(&EDIT, args);
    if body.is_empty() {
        return Err(StartError::usage("say what is to be different, such as --text or --in; see --help"));
    }
    let body = Value::from(body).to_string().into_bytes();
    let path = path_of(args);
    let client = Client::of(args)?;
    let reply: Reply = client.ask(Method::PATCH, &path, Some(("application/json", body)))?;
    reply.check()?;
    told(args, client.get(&path)?, "is edited, and due at")
}

fn body(fields: &[Field], args: &ArgMatches) -> Map<String, Value> {
    given(fields, args).into_iter().chain(given(&TIMES, args)).collect()
}

fn told(args: &ArgMatches, message: Value, what: &str) -> Result<u8, StartError> {
    if json::is_wanted(args) {
        json::print_object("message", message)?;
    } else {
        let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
        print(&format!("{} {what} {}\n", text("id"), text("due_at")))?;
    }
    Ok(exit::OK)
}
