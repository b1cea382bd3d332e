//! What a caller asks for, checked.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;

use super::account::account;
use super::trouble::shown;
use crate::destination::{Destinations, Objection};
use crate::message::{NewMessage, WallTime};
use crate::when::{Asked, Fault, Note, When};

/// The longest text, in bytes.
pub const TEXT_LIMIT: usize = 64 * 1024;

/// A message as it is asked for; nothing of it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Whose message it is: 1 to 256 characters, and not `*`.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The name of a destination.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// What it says, as far as its destination takes it, and at most 65536 bytes.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When to send it, as RFC 3339 has it: this, `in`, or `wall`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// How long from now to send it, such as `5s`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// The date and the time of day at which to send it, on the clocks of `zone`: `2031-03-30T09:30`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall: Option<String>,
    /// A time zone of the IANA database, such as `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Which one, if clocks show `wall` twice: `earlier`, which is meant without it, or `later`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<String>,
    /// Until when it may be sent: an instant, or a duration from when it is due, such as `10m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// Says the same as the header `Idempotency-Key`, for one of many messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A draft that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it asks for.
    pub message: NewMessage,
    /// What became of its wall time.
    pub note: Note,
}

impl Draft {
    /// Makes a message of it that can be stored.
    ///
    /// # Errors
    ///
    /// A 422 that names everything that is wrong with it at once.
    pub fn check(self, now: Timestamp, destinations: &Destinations) -> Result<Checked, Problem> {
        let Self { due_at, delay, wall, zone, fold, not_after, .. } = self;
        let content = content(self.account, self.destination, self.text, destinations);
        let when = Asked { due_at, delay, wall, zone, fold, not_after }.check(now, jiff::tz::db());
        match (content, when) {
            (Ok((account, destination, text)), Ok(when)) => {
                let (due_at, given, not_after) = (when.due_at, given(&when), when.not_after);
                let message =
                    NewMessage { given, not_after, ..NewMessage::new(account, destination, text, due_at) };
                Ok(Checked { message, note: when.note })
            }
            (content, when) => {
                let faults = content.err().into_iter().chain(when.err()).flatten();
                let problem = Problem::unprocessable("The message cannot be scheduled.");
                Err(faults.fold(problem, |problem, (at, detail)| problem.fault(at, detail)))
            }
        }
    }
}

/// Checks what a message says, for whom, and where: account, destination and text, or everything that is wrong.
pub(crate) fn content(
    account: Option<String>,
    destination: Option<String>,
    text: Option<String>,
    destinations: &Destinations,
) -> Result<(String, String, String), Vec<Fault>> {
    let account = required(account, "whose message it is").and_then(self::account);
    let known = |name| self::destination(name, destinations);
    let destination = required(destination, "the name of a destination").and_then(known);
    let text = required(text, "what the message says").and_then(self::text);
    match (account, destination, text) {
        (Ok(account), Ok(destination), Ok(text)) => {
            let objections = objections(destinations, &destination, &account, &text);
            if objections.is_empty() {
                return Ok((account, destination, text));
            }
            Err(objections.into_iter().map(|objection| (objection.pointer, objection.detail)).collect())
        }
        (account, destination, text) => {
            let faults =
                [("/account", account.err()), ("/destination", destination.err()), ("/text", text.err())];
            Err(faults.into_iter().filter_map(|(at, detail)| detail.map(|detail| (at, detail))).collect())
        }
    }
}

/// The wall time of a message, as a row keeps it.
pub(super) fn given(when: &When) -> Option<WallTime> {
    when.wall.as_ref().map(|wall| WallTime {
        wall: wall.at.to_string(),
        zone: wall.zone.clone(),
        fold: wall.fold,
    })
}

/// What is to be said of a wall time, if it was not simply taken.
pub(super) fn note(note: Note) -> Option<String> {
    (note != Note::Exact).then(|| note.to_string())
}

/// What the destination has against the message.
pub(super) fn objections(
    destinations: &Destinations,
    name: &str,
    account: &str,
    text: &str,
) -> Vec<Objection> {
    let checked = destinations.get(name).map(|destination| destination.check(account, text));
    checked.and_then(Result::err).unwrap_or_default()
}

fn required(field: Option<String>, what: &str) -> Result<String, String> {
    field.ok_or_else(|| format!("is missing; expected {what}"))
}

fn destination(name: String, destinations: &Destinations) -> Result<String, String> {
    if destinations.get(&name).is_some() {
        return Ok(name);
    }
    let known = destinations.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let name = shown(&name);
    Err(format!("`{name}` is not a destination; expected one of {known} (the configuration names them)"))
}

/// Whether a text can be sent at all; if not, the rest of a sentence about it.
pub(super) fn text(text: String) -> Result<String, String> {
    match text.len() {
        0 => Err("is empty; expected what the message says".to_owned()),
        length if length > TEXT_LIMIT => Err(format!("has {length} bytes; expected at most {TEXT_LIMIT}")),
        // PostgreSQL keeps none, and nobody can see it.
        _ if text.contains('\0') => Err("has a NUL character; expected none".to_owned()),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const NOW: &str = "2030-01-01T00:00:00Z";

    fn check(draft: Draft) -> Result<NewMessage, Vec<(String, String)>> {
        let destinations = Destinations::new(BTreeMap::new(), "http://127.0.0.1:1").unwrap();
        draft.check(NOW.parse().unwrap(), &destinations).map(|checked| checked.message).map_err(|problem| {
            assert_eq!(problem.status(), 422);
            problem.faults().iter().map(|fault| (fault.pointer.clone(), fault.detail.clone())).collect()
        })
    }

    fn good() -> Draft {
        Draft {
            account: Some("me".into()),
            destination: Some("inbox".into()),
            text: Some("Hello".into()),
            due_at: Some("2030-01-01T01:00:00+01:00".into()),
            ..Draft::default()
        }
    }

    fn fault(draft: Draft) -> (String, String) {
        let mut faults = check(draft).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    #[test]
    fn a_good_one_is_taken_at_its_instant() {
        assert_eq!(check(good()).unwrap().due_at, NOW.parse().unwrap());
    }

    #[test]
    fn a_delay_counts_from_now() {
        let message = check(Draft { due_at: None, delay: Some("1m 5s".into()), ..good() }).unwrap();

        assert_eq!(message.due_at, "2030-01-01T00:01:05Z".parse().unwrap());
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let faults = check(Draft::default()).unwrap_err();

        let pointers: Vec<_> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/account", "/destination", "/text", "/due_at"]);
    }

    #[test]
    fn exactly_one_of_instant_and_delay_is_taken() {
        let (pointer, detail) = fault(Draft { delay: Some("5s".into()), ..good() });

        assert_eq!(pointer, "/in");
        assert!(detail.contains("is given beside `due_at`"), "{detail}");
    }

    #[test]
    fn an_unknown_destination_is_answered_with_the_known_ones() {
        let (pointer, detail) = fault(Draft { destination: Some("hok".into()), ..good() });

        assert_eq!(pointer, "/destination");
        assert!(detail.contains("`inbox`"), "{detail}");
    }

    #[test]
    fn instants_that_are_none_or_past_are_refused() {
        for (due_at, what) in [
            ("tomorrow", "is not an instant"),
            ("2030-01-01T00:00:00", "has no offset"),
            ("2029-12-31T23:58:59Z", "lies in the past"),
        ] {
            let (pointer, detail) = fault(Draft { due_at: Some(due_at.into()), ..good() });
            assert_eq!(pointer, "/due_at");
            assert!(detail.contains(what), "{detail}");
        }
    }

    #[test]
    fn delays_that_are_none_or_endless_are_refused() {
        for delay in ["", "5", "-5s", "soon", "99999999999999 years", "9000 years", "18446744073709551615s"] {
            let (pointer, _) = fault(Draft { due_at: None, delay: Some(delay.into()), ..good() });
            assert_eq!(pointer, "/in", "{delay}");
        }
    }

    #[test]
    fn texts_and_accounts_have_their_limits() {
        assert!(check(Draft { text: Some("x".repeat(TEXT_LIMIT)), ..good() }).is_ok());
        assert_eq!(fault(Draft { text: Some("x".repeat(TEXT_LIMIT + 1)), ..good() }).0, "/text");
        assert_eq!(fault(Draft { text: Some(String::new()), ..good() }).0, "/text");
        assert_eq!(fault(Draft { text: Some("a\0b".into()), ..good() }).0, "/text");
        assert!(check(Draft { account: Some("ü".repeat(256)), ..good() }).is_ok());
        for account in ["", "*", "a\nb", &"x".repeat(257)] {
            assert_eq!(fault(Draft { account: Some(account.into()), ..good() }).0, "/account");
        }
    }
}
