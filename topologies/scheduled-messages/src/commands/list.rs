//! `squall messages list`.

use std::collections::VecDeque;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::Value;
use squall_ops::cli::table::{Cell, Table};
use squall_ops::cli::{json, print, print_next};
use squall_ops::{Client, Flags, StartError, exit};

use super::field::{FILTERS, given, query};
use super::{asking, examples};
use crate::api;

/// The most that one request lists.
const PAGE: u64 = 500;

/// How much of a text stands in the table, in characters.
const SHOWN: usize = 40;

pub(super) fn spec() -> Command {
    let limit = Arg::new("limit")
        .long("limit")
        .short('n')
        .value_name("N")
        .value_parser(value_parser!(u64).range(1..))
        .default_value("50")
        .help("How many at most");
    let command = Command::new("list")
        .about(
            "Lists messages: those of one account by when they are due, those of all by when they were made",
        )
        .args(FILTERS.map(|field| field.arg()))
        .arg(limit);
    let command = asking(command).mut_arg("json", |arg| arg.help("Prints JSON, a message a line"));
    examples(
        command,
        &["messages list --account me", "messages list --state dead --json -n 1000 | jq -r .id"],
    )
}

/// Lists them, page by page.
pub(super) fn list(args: &ArgMatches) -> Result<u8, StartError> {
    let mut pages = Pages::new(Client::of(args)?, args);
    if json::is_wanted(args) {
        while let Some(message) = pages.next()? {
            if print_next(&json::line("message", message)?)?.is_break() {
                break;
            }
        }
        return Ok(exit::OK);
    }
    let mut table = Table::default();
    let head = ["ID", "STATE", "DUE", "ACCOUNT", "DESTINATION", "TEXT"];
    table.row(head.map(Cell::text));
    while let Some(message) = pages.next()? {
        let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let cells = ["id", "state", "due_at", "account", "destination"].map(|key| Cell::text(text(key)));
        table.row(cells.into_iter().chain([Cell::text(short(&text("text")))]));
    }
    print(&table.in_lines())?;
    Ok(exit::OK)
}

/// What is found, asked for page by page.
struct Pages {
    client: Client,
    next: Option<String>,
    messages: VecDeque<Value>,
    left: u64,
}

impl Pages {
    fn new(client: Client, args: &ArgMatches) -> Self {
        let left = Flags::new(args).one::<u64>("limit").copied().unwrap_or(50);
        let filter = query(&given(&FILTERS, args));
        let next = Some(format!("{}?limit={}&{filter}", api::PATH, left.min(PAGE)));
        Self { client, next, messages: VecDeque::new(), left }
    }

    fn next(&mut self) -> Result<Option<Value>, StartError> {
        if self.left == 0 {
            return Ok(None);
        }
        if self.messages.is_empty()
            && let Some(path) = self.next.take()
        {
            let mut page: Value = self.client.get(path.trim_end_matches('&'))?;
            self.next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            if let Some(messages) = page.get_mut("messages").and_then(Value::as_array_mut) {
                self.messages = std::mem::take(messages).into();
            }
        }
        self.left -= 1;
        Ok(self.messages.pop_front())
    }
}

/// The begin of a text, in one line.
fn short(text: &str) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let shown: String = line.take(SHOWN).collect();
    if text.chars().count() > SHOWN { format!("{shown}…") } else { shown }
}
