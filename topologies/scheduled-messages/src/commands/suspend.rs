//! `squall messages suspend` and `release`.

use clap::{ArgMatches, Command};
use serde_json::Value;
use squall_ops::cli::{json, print};
use squall_ops::client::{Method, encoded};
use squall_ops::{Client, StartError, exit};

use super::field::{Field, field, given};
use super::{asking, examples};

const PATH: &str = "/api/v1/suspensions";

const ACCOUNT: Field = field("account", "NAME", "Which account; * is all of them");
const FIELDS: [Field; 2] = [ACCOUNT, field("reason", "TEXT", "Why, for whoever wonders")];

pub(super) fn specs() -> [Command; 2] {
    let suspend = Command::new("suspend")
        .about("Holds the messages of an account, or of all")
        .args(FIELDS.map(|field| field.arg().required(true)));
    let release = Command::new("release")
        .about("Lifts a suspension: its messages go on")
        .arg(ACCOUNT.arg().required(true));
    [
        examples(asking(suspend), &["messages suspend --account me --reason 'The campaign is on hold'"]),
        examples(asking(release), &["messages release --account '*'"]),
    ]
}

pub(super) fn suspend(args: &ArgMatches) -> Result<u8, StartError> {
    let body = Value::from(given(&FIELDS, args));
    let held: Value = Client::of(args)?.post(PATH, Some(&body))?;
    let count = |key: &str| held.get(key).and_then(Value::as_u64).unwrap_or_default();
    let (back, sending) = (count("held_back"), count("still_sending"));
    let sentence =
        format!("{} is held: {back} messages are held back, {sending} are still being sent", who(&held));
    told(args, "suspension", held, &sentence)
}

pub(super) fn release(args: &ArgMatches) -> Result<u8, StartError> {
    let account = given(&[ACCOUNT], args);
    let path =
        format!("{PATH}/{}", encoded(account.get(ACCOUNT.name).and_then(Value::as_str).unwrap_or_default()));
    let reply = Client::of(args)?.ask(Method::DELETE, &path, None)?;
    reply.check()?;
    let went_on: Value = serde_json::from_slice(&reply.body).map_err(StartError::failed)?;
    let count = went_on.get("resumed").and_then(Value::as_u64).unwrap_or_default();
    let sentence = format!("{} goes on, with {count} messages", who(&went_on));
    told(args, "release", went_on, &sentence)
}

fn who(answer: &Value) -> String {
    match answer.get("account").and_then(Value::as_str).unwrap_or_default() {
        "*" => "Everything".to_owned(),
        account => format!("`{account}`"),
    }
}

fn told(args: &ArgMatches, kind: &str, answer: Value, sentence: &str) -> Result<u8, StartError> {
    if json::is_wanted(args) {
        json::print_object(kind, answer)?;
    } else {
        print(&format!("{sentence}\n"))?;
    }
    Ok(exit::OK)
}
