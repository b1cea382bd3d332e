//! The lanes in which rows wait: what wants attention for one reason never queues behind what wants it for another.

use crate::state::State;

/// First sends.
pub(super) const FIRST: i64 = 0;

/// Further attempts: however many there are, they do not delay a first one.
pub(super) const AGAIN: i64 = 1;

/// What waits for its account to be resumed.
pub(super) const SUSPENDED: i64 = 2;

/// What waits for a person.
pub(super) const UNCONFIRMED: i64 = 3;

/// What is dead: a person may want to see it, and to send it after all.
pub(super) const DEAD: i64 = 4;

/// The lane of a message, by its state and by whether it was tried before.
pub(super) fn of(state: State, attempts: i64) -> Option<i64> {
    match state {
        State::Scheduled | State::Claimed | State::Sending | State::Retrying => {
            Some(if attempts == 0 { FIRST } else { AGAIN })
        }
        State::Suspended => Some(SUSPENDED),
        State::Unconfirmed => Some(UNCONFIRMED),
        State::Dead => Some(DEAD),
        State::Sent | State::Cancelled | State::Expired => None,
    }
}
