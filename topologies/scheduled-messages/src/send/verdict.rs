//! What an attempt means for its message: the one place where a destination's capability is obeyed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use squall::RetryPolicy;

use super::later;
use crate::destination::{Capability, Outcome, Reply};
use crate::message::Message;
use crate::store::Settlement;

/// How long before the end of its window a key is no longer trusted: requests travel, and clocks differ.
const MARGIN: Duration = Duration::from_secs(120);

/// What is done with a message whose attempt has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Send it.
    Deliver,
    /// Look first whether it is there: an earlier attempt may have arrived, and the key would not tell.
    Reconcile,
}

/// Tells what may be done.
pub(super) fn next_move(message: &Message, capability: Capability, now: Timestamp) -> Move {
    if !message.in_doubt {
        return Move::Deliver;
    }
    match capability {
        Capability::Exact | Capability::Keyed => Move::Deliver,
        Capability::KeyedWindow(window) => {
            let trusted =
                SignedDuration::try_from(window.saturating_sub(MARGIN)).unwrap_or(SignedDuration::MAX);
            let age = message.first_began_at.map(|first| now.duration_since(first));
            if age.is_some_and(|age| age < trusted) { Move::Deliver } else { Move::Reconcile }
        }
        Capability::AtMostOnce => Move::Reconcile,
    }
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The destination answered, or did not: this is what its answer means.
    Replied(Reply),
    /// Nothing was sent: an earlier attempt may have arrived, and nobody can tell.
    Unable(String),
    /// Nothing was sent: there were attempts enough, and the last of them were cut off.
    OutOfAttempts(String),
}

impl Verdict {
    /// Whatever cuts off every attempt for a message, such as a process that it crashes, does so only so often.
    pub(super) fn out_of_attempts(message: &Message) -> Self {
        let last = message.last_error.as_ref().map(|error| format!("; before: {error}")).unwrap_or_default();
        Self::OutOfAttempts(format!("its last attempt was cut off, and there is no further one{last}"))
    }

    /// What is written into the row.
    pub(super) fn settlement(
        self,
        message: &Message,
        capability: Option<Capability>,
        retry: &RetryPolicy,
        now: Timestamp,
    ) -> Settlement {
        let outcome = match self {
            Self::Replied(reply) => reply.outcome,
            Self::Unable(error) => return Settlement::Unconfirmed { error },
            Self::OutOfAttempts(error) if message.in_doubt => return Settlement::Unconfirmed { error },
            Self::OutOfAttempts(error) => return Settlement::Dead { error },
        };
        match outcome {
            Outcome::Accepted { receipt } => Settlement::Sent { at: now, receipt },
            Outcome::Refused { error } => given_up(message, error),
            Outcome::Busy { error, after, .. } => again(message, retry, now, error, after, message.in_doubt),
            Outcome::Unknown { error } if capability == Some(Capability::AtMostOnce) => {
                Settlement::Unconfirmed { error }
            }
            Outcome::Unknown { error } => again(message, retry, now, error, None, true),
        }
    }
}

/// It is not tried again. What may have arrived cannot be said not to have been sent.
fn given_up(message: &Message, error: String) -> Settlement {
    if message.in_doubt {
        let error = format!("{error}; but an earlier attempt may have arrived");
        Settlement::Unconfirmed { error }
    } else {
        Settlement::Dead { error }
    }
}

fn again(
    message: &Message,
    retry: &RetryPolicy,
    now: Timestamp,
    error: String,
    after: Option<Duration>,
    in_doubt: bool,
) -> Settlement {
    match retry.delay(message.attempts) {
        Some(delay) => {
            Settlement::Retry { at: later(now, delay.max(after.unwrap_or_default())), error, in_doubt }
        }
        None => {
            let error = format!("{error}; that was attempt {} of {0}", message.attempts);
            if in_doubt { Settlement::Unconfirmed { error } } else { Settlement::Dead { error } }
        }
    }
}

#[cfg(test)]
mod tests;
