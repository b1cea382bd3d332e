//! What a caller asks for, checked.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use squall_ops::Problem;

use crate::destination::{Destinations, Objection};
use crate::message::NewMessage;
use crate::when::Fault;

/// The longest text, in bytes.
pub const TEXT_LIMIT: usize = 64 * 1024;

/// The longest account, in characters.
const ACCOUNT_LIMIT: usize = 256;

/// How late an instant may be and still be sent, at once: clocks differ, and requests travel.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// A message as it is asked for; nothing of it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Whose message it is.
    pub account: Option<String>,
    /// The name of a destination.
    pub destination: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// When to send it, as RFC 3339 has it; either this or `in`.
    pub due_at: Option<String>,
    /// How long from now to send it, such as `5s`; either this or `due_at`.
    #[serde(rename = "in")]
    pub delay: Option<String>,
}

impl Draft {
    /// Makes a message of it that can be stored.
    ///
    /// # Errors
    ///
    /// A 422 that names everything that is wrong with it at once.
    pub fn check(self, now: Timestamp, destinations: &Destinations) -> Result<NewMessage, Problem> {
        let content = content(self.account, self.destination, self.text, destinations);
        match (content, due_at(self.due_at, self.delay, now)) {
            (Ok((account, destination, text)), Ok(due_at)) => {
                Ok(NewMessage::new(account, destination, text, due_at))
            }
            (content, due_at) => {
                let faults = content.err().into_iter().flatten().chain(due_at.err());
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

/// What the destination has against the message.
fn objections(destinations: &Destinations, name: &str, account: &str, text: &str) -> Vec<Objection> {
    let checked = destinations.get(name).map(|destination| destination.check(account, text));
    checked.and_then(Result::err).unwrap_or_default()
}

fn required(field: Option<String>, what: &str) -> Result<String, String> {
    field.ok_or_else(|| format!("is missing; expected {what}"))
}

fn account(account: String) -> Result<String, String> {
    let length = account.chars().count();
    if length == 0 || length > ACCOUNT_LIMIT {
        return Err(format!("has {length} characters; expected 1 to {ACCOUNT_LIMIT}"));
    }
    if account.chars().any(char::is_control) {
        return Err("has control characters; expected none".to_owned());
    }
    Ok(account)
}

fn destination(name: String, destinations: &Destinations) -> Result<String, String> {
    if destinations.get(&name).is_some() {
        return Ok(name);
    }
    let known = destinations.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let name: String = name.chars().filter(|char| !char.is_control()).take(64).collect();
    Err(format!("`{name}` is not a destination; expected one of {known} (the configuration names them)"))
}

fn text(text: String) -> Result<String, String> {
    match text.len() {
        0 => Err("is empty; expected what the message says".to_owned()),
        length if length > TEXT_LIMIT => Err(format!("has {length} bytes; expected at most {TEXT_LIMIT}")),
        _ => Ok(text),
    }
}

fn due_at(
    due_at: Option<String>,
    delay: Option<String>,
    now: Timestamp,
) -> Result<Timestamp, (&'static str, String)> {
    match (due_at, delay) {
        (Some(due_at), None) => instant(&due_at, now).map_err(|detail| ("/due_at", detail)),
        (None, Some(delay)) => after(&delay, now).map_err(|detail| ("/in", detail)),
        (None, None) => Err((
            "/due_at",
            "is missing; expected either `due_at`, an instant, or `in`, such as \"5s\"".to_owned(),
        )),
        (Some(_), Some(_)) => Err(("/in", "is given beside `due_at`; expected one of the two".to_owned())),
    }
}

fn instant(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let Ok(instant) = text.parse::<Timestamp>() else {
        return Err(
            "is not an instant; expected one with its offset, such as 2031-01-01T09:00:00Z".to_owned()
        );
    };
    if instant.duration_since(now) < -GRACE {
        return Err(format!("lies in the past; expected an instant to come: it is {now:.0} now"));
    }
    // The row keeps microseconds: what is answered is what is kept.
    Timestamp::from_microsecond(instant.as_microsecond()).map_err(|error| error.to_string())
}

fn after(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let expected = "expected a duration with its unit, such as \"5s\" or \"1h 30m\"";
    let delay: Duration = humantime::parse_duration(text).map_err(|error| format!("{error}; {expected}"))?;
    let instant =
        now.checked_add(delay).map_err(|_| "is too long; expected an instant before the year 10000")?;
    Timestamp::from_microsecond(instant.as_microsecond()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const NOW: &str = "2030-01-01T00:00:00Z";

    fn check(draft: Draft) -> Result<NewMessage, Vec<(String, String)>> {
        let destinations = Destinations::new(BTreeMap::new(), "http://127.0.0.1:1").unwrap();
        draft.check(NOW.parse().unwrap(), &destinations).map_err(|problem| {
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
            delay: None,
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
        assert!(detail.contains("one of the two"), "{detail}");
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
            ("2030-01-01T00:00:00", "is not an instant"),
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
        assert!(check(Draft { account: Some("ü".repeat(256)), ..good() }).is_ok());
        for account in ["", "a\nb", &"x".repeat(257)] {
            assert_eq!(fault(Draft { account: Some(account.into()), ..good() }).0, "/account");
        }
    }
}
