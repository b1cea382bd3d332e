//! What the answer of a server means for a message.

use jiff::Timestamp;
use serde::Deserialize;
use squall_connect::http::Answer;

use super::plain::{self, Likeness};
use crate::destination::answer::{describe, excerpt, line};
use crate::destination::{Attempt, Outcome, RateHints, Reply, Scope};

/// A status as the server tells of it.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) created_at: Timestamp,
    /// Its text in HTML.
    pub(super) content: String,
    /// Where people read it.
    url: Option<String>,
    /// Its name in the network.
    uri: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    error: String,
}

impl Status {
    /// Where it is.
    pub(super) fn receipt(self) -> Option<String> {
        self.url.or(self.uri)
    }
}

/// Tells what an answer to a new status means.
pub(super) fn judge(answer: &Answer, attempt: Attempt<'_>, now: Timestamp) -> Reply {
    let hints = RateHints::read(&answer.headers, now, Scope::Account);
    let error = words(answer);
    let outcome = match answer.status.as_u16() {
        200..300 => match serde_json::from_slice::<Status>(&answer.body) {
            Ok(status) => accepted(status, attempt),
            Err(_) => {
                let status = line(answer.status);
                Outcome::Unknown { error: format!("answered {status}, without the status that was posted") }
            }
        },
        429 => Outcome::Busy { error, after: hints.pause(), scope: Scope::Account },
        // A request with this key is under way.
        409 => Outcome::Unknown { error },
        300..400 => Outcome::Refused { error },
        400..500 if fault(answer).is_some() => Outcome::Refused { error },
        // What stands in front of the server did not let the request through.
        400..500 => Outcome::Busy { error, after: hints.retry_after, scope: Scope::Destination },
        _ => Outcome::Unknown { error },
    };
    Reply { outcome, hints }
}

/// A server knows a copy by its key alone: what it says was posted may be what an earlier attempt said.
fn accepted(status: Status, attempt: Attempt<'_>) -> Outcome {
    let is_another = plain::likeness(&status.content, attempt.text) == Likeness::None;
    let receipt = status.receipt();
    if attempt.is_in_doubt && is_another {
        let place = excerpt(receipt.as_deref().unwrap_or("an address that was not told"));
        return Outcome::Refused {
            error: format!("an earlier attempt was taken, with an earlier text of this message: {place}"),
        };
    }
    Outcome::Accepted { receipt }
}

/// What was said, in words.
pub(super) fn words(answer: &Answer) -> String {
    match fault(answer) {
        Some(Fault { error }) => format!("answered {}: {}", line(answer.status), excerpt(&error)),
        None => describe(answer),
    }
}

fn fault(answer: &Answer) -> Option<Fault> {
    serde_json::from_slice(&answer.body).ok()
}
