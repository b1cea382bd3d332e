//! How messages look in a table: a word and a sign for each state, a short name, the beginning of what they say.

use jiff::Timestamp;

use super::{MESSAGES, Moment};
use crate::message::Message;
use crate::state::State;

/// How much of a text a table shows, in characters.
const EXCERPT: usize = 90;

/// How much of an error.
const REASON: usize = 160;

/// A message in a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) href: String,
    pub(super) account: String,
    pub(super) destination: String,
    pub(super) excerpt: String,
    pub(super) due: Moment,
    pub(super) kind: &'static str,
    pub(super) word: &'static str,
    pub(super) attempts: u32,
    pub(super) error: Option<String>,
}

impl Row {
    pub(super) fn of(message: &Message, now: Timestamp) -> Self {
        let id = message.id.to_string();
        let (kind, word) = look(message.state);
        Self {
            short: short(&id),
            href: format!("{MESSAGES}/{id}"),
            account: message.account.clone(),
            destination: message.destination.clone(),
            excerpt: excerpt(&message.text, EXCERPT),
            due: due(message, now),
            kind,
            word,
            attempts: message.attempts,
            error: message.last_error.as_deref().map(|error| excerpt(error, REASON)),
            id,
        }
    }
}

/// When a message is due, on the clocks that its author meant.
pub(super) fn due(message: &Message, now: Timestamp) -> Moment {
    let zone = message.given.as_ref().map_or("UTC", |given| given.zone.as_str());
    Moment::in_zone(message.due_at, zone, now)
}

/// The sign and the word for a state.
pub(super) fn look(state: State) -> (&'static str, &'static str) {
    match state {
        State::Scheduled => ("info", "Scheduled"),
        State::Claimed => ("info", "At hand"),
        State::Sending => ("busy", "Sending"),
        State::Sent => ("ok", "Sent"),
        State::Retrying => ("warn", "Retrying"),
        State::Unconfirmed => ("warn", "Unconfirmed"),
        State::Dead => ("bad", "Dead"),
        State::Cancelled => ("idle", "Cancelled"),
        State::Expired => ("bad", "Expired"),
        State::Suspended => ("idle", "Suspended"),
    }
}

/// The end of an id: its beginning is the time, which many share.
pub(super) fn short(id: &str) -> String {
    let start = id.char_indices().rev().nth(7).map_or(0, |(start, _)| start);
    format!("…{}", id.get(start..).unwrap_or(id))
}

/// The beginning of a text, in one line.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(most).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_stands_in_one_line() {
        assert_eq!(excerpt("a\n b  c", 10), "a b c");
        assert_eq!(excerpt("äöü äöü", 3), "äöü…");
        assert_eq!(short("01890a5d-ac96-774b-bcce-b302099a8057"), "…099a8057");
    }
}
