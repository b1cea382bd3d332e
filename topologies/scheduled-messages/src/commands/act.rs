//! `squall messages cancel`, `retry`, `send-now`, `move` and `resolve`: one thing done to some messages, or to all that are
//! found.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};
use squall_ops::cli::{confirm, json, print};
use squall_ops::client::{Method, StatusCode, encoded};
use squall_ops::{Client, Flags, StartError, exit};

use super::field::{FILTERS, Field, TIMES, field, given};
use super::{asking, examples};
use crate::api;
use crate::api::actions::MOST;

const TEXT: Field = field("text", "TEXT", "Only those that have this somewhere in their text");
const BY: Field = field("by", "SPAN", "By how much later, such as 2h, or earlier, such as -30m");

/// No query finds as many: what is answered says how many it does find, and nothing is changed.
const TOO_MANY: u64 = u64::MAX;

/// A command, what it says of what it does, and of what it did.
const VERBS: [(&str, &str, &str); 5] = [
    ("cancel", "Takes messages back, as far as no attempt is under way", "cancelled"),
    (
        "retry",
        "Sends messages once more: the dead, the expired, and those that wait for another attempt",
        "retried",
    ),
    ("send-now", "Sends messages at once, although they are not due", "sent now"),
    ("move", "Sends messages at another time", "moved"),
    (
        "resolve",
        "Says what became of messages that are unconfirmed, after a look at their destination",
        "resolved",
    ),
];

pub(super) fn specs() -> [Command; 5] {
    VERBS.map(|(verb, about, _)| {
        let command = Command::new(verb).about(about).arg(ids()).args(which()).arg(expect()).arg(yes());
        let command = match verb {
            "move" => command.args(TIMES.iter().chain([&BY]).map(|field| field.arg())),
            "resolve" => command.args([seen(), receipt()]),
            _ => command,
        };
        let more = match verb {
            "move" => " --by 2h",
            "resolve" => " --as not-sent",
            _ => "",
        };
        let one = format!("messages {verb} 01890a5d-ac96-774b-bcce-b302099a8057{more}");
        let many = format!("messages {verb} --account me --state unconfirmed{more} --yes");
        examples(asking(command), &[&one, &many])
    })
}

fn ids() -> Arg {
    Arg::new("ids")
        .value_name("ID")
        .num_args(0..)
        .help("The ids of messages; these, or all that the filters find")
}

fn which() -> impl Iterator<Item = Arg> {
    FILTERS.iter().chain([&TEXT]).map(|field| field.arg().help_heading("Which messages"))
}

fn expect() -> Arg {
    Arg::new("expect")
        .long("expect")
        .value_name("N")
        .value_parser(value_parser!(u64))
        .help_heading("Which messages")
        .help("How many the filters find; with another number nothing is done")
}

fn yes() -> Arg {
    Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Does not ask back")
}

fn seen() -> Arg {
    let help = "What became of them: sent; not-sent, by which they are sent again; or give-up";
    Arg::new("as")
        .long("as")
        .value_name("WHAT")
        .required(true)
        .value_parser(["sent", "not-sent", "give-up"])
        .help(help)
}

fn receipt() -> Arg {
    Arg::new("receipt")
        .long("receipt")
        .value_name("ADDRESS")
        .help("Where the message is, of one that was sent")
}

/// Does it. Whoever does it to more than one message says so, or is asked.
pub(super) fn act(verb: &str, args: &ArgMatches) -> Result<u8, StartError> {
    let (client, wanted) = (Client::of(args)?, Wanted::read(verb, args)?);
    let is_sure = Flags::new(args).is_set("yes");
    let results = match &wanted.of {
        Of::These(ids) => {
            if ids.len() > 1 && !is_sure {
                confirm(&wanted.question(ids.len() as u64))?;
            }
            wanted.to_these(&client, ids)?
        }
        Of::Found(query, expect) => {
            let count = match expect {
                Some(count) => *count,
                None => wanted.count(&client, query)?,
            };
            if count > 1 && !is_sure {
                confirm(&wanted.question(count))?;
            }
            wanted.ask(&client, [("query", query.clone().into()), ("expect", count.into())])?
        }
    };
    tell(verb, results, args)
}

/// What is to be done.
struct Wanted {
    verb: String,
    /// The same, as the interface takes it.
    body: Map<String, Value>,
    of: Of,
    receipt: Option<String>,
}

/// To which messages.
enum Of {
    These(Vec<String>),
    /// To all that are found, and how many they are, if that is known.
    Found(Map<String, Value>, Option<u64>),
}

impl Wanted {
    fn read(verb: &str, args: &ArgMatches) -> Result<Self, StartError> {
        let flags = Flags::new(args);
        let mut query = given(&FILTERS, args);
        query.extend(given(&[TEXT], args));
        let ids: Vec<String> = args.get_many::<String>("ids").into_iter().flatten().cloned().collect();
        let of = match (ids.is_empty(), query.is_empty(), flags.one::<u64>("expect")) {
            (false, true, None) => Of::These(ids),
            (true, false, expect) => Of::Found(query, expect.copied()),
            (true, true, _) => {
                return Err(StartError::usage(
                    "say which messages: give ids, or filters such as --state dead",
                ));
            }
            _ => return Err(StartError::usage("give either ids, or filters; not both")),
        };
        let receipt = flags.one::<String>("receipt").cloned();
        if receipt.is_some() && !matches!(&of, Of::These(ids) if ids.len() == 1) {
            return Err(StartError::usage("--receipt is about one message; give its id"));
        }
        let action = match flags.one::<String>("as") {
            Some(seen) => seen.replace('-', "_"),
            None => verb.replace('-', "_"),
        };
        let mut body = Map::from_iter([("action".to_owned(), action.into())]);
        if verb == "move" {
            body.extend(given(&TIMES, args));
            body.extend(given(&[BY], args));
        }
        Ok(Self { verb: verb.to_owned(), body, of, receipt })
    }

    fn question(&self, count: u64) -> String {
        let mut letters = self.verb.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{} {count} messages", letters.as_str().replace('-', " "))
    }

    fn to_these(&self, client: &Client, ids: &[String]) -> Result<Value, StartError> {
        if let (Some(receipt), [id]) = (&self.receipt, ids) {
            let body = json!({"as": self.body.get("action"), "receipt": receipt});
            let path = format!("{}/{}/resolve", api::PATH, encoded(id));
            let _changed: Value = client.post(&path, Some(&body))?;
            return Ok(json!({"asked": 1, "done": 1, "refused": []}));
        }
        let (mut asked, mut done, mut refused) = (0, 0, Vec::new());
        for some in ids.chunks(MOST) {
            let mut results = self.ask(client, [("ids", json!(some))])?;
            asked += count(&results, "asked");
            done += count(&results, "done");
            if let Some(some) = results.get_mut("refused").and_then(Value::as_array_mut) {
                refused.append(some);
            }
        }
        Ok(json!({"asked": asked, "done": done, "refused": refused}))
    }

    /// How many messages are found.
    fn count(&self, client: &Client, query: &Map<String, Value>) -> Result<u64, StartError> {
        let body = self.body([("query", query.clone().into()), ("expect", TOO_MANY.into())]);
        let body = body.to_string().into_bytes();
        let reply = client.ask(Method::POST, &path(), Some(("application/json", body)))?;
        let told: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match told.get("count").and_then(Value::as_u64) {
            Some(count) if reply.status == StatusCode::CONFLICT => Ok(count),
            _ => reply
                .check()
                .and(Err(StartError::failed("the answer does not say how many messages there are"))),
        }
    }

    fn ask<const N: usize>(&self, client: &Client, of: [(&str, Value); N]) -> Result<Value, StartError> {
        client.post(&path(), Some(&self.body(of)))
    }

    fn body<const N: usize>(&self, of: [(&str, Value); N]) -> Value {
        let of = of.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(self.body.clone().into_iter().chain(of).collect())
    }
}

fn count(results: &Value, key: &str) -> u64 {
    results.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn path() -> String {
    format!("{}/actions", api::PATH)
}

/// Says what was done, and why the rest was not: that is a failure.
fn tell(verb: &str, results: Value, args: &ArgMatches) -> Result<u8, StartError> {
    let refused = results.get("refused").and_then(Value::as_array).cloned().unwrap_or_default();
    let (asked, of_them) = (count(&results, "asked"), count(&results, "done"));
    if json::is_wanted(args) {
        json::print_object("messages-changed", results)?;
    } else {
        for refused in &refused {
            let text = |key: &str| refused.get(key).and_then(Value::as_str).unwrap_or_default();
            eprintln!("{}: {}", text("id"), text("detail"));
        }
        let done = VERBS.iter().find(|(name, ..)| *name == verb).map_or(verb, |(.., done)| *done);
        print(&format!("{of_them} of {asked} {done}\n"))?;
    }
    Ok(if refused.is_empty() { exit::OK } else { exit::FAILURE })
}
