//! What is to be seen of the way to a destination.

use std::time::Instant;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Lateness;
use super::tally::Attempts;

/// What is to be seen of the way to a destination.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DestinationFlow {
    /// What the destination is called.
    pub name: String,
    /// Attempts under way.
    pub in_flight: u32,
    /// Those among them that are not the first for their message.
    pub again_in_flight: u32,
    /// Attempts at the same time at most.
    pub limit: u32,
    /// Whether it is left alone because it is down.
    pub breaker: BreakerState,
    /// It asked to be left alone until then, or has nothing left until then.
    pub resting_until: Option<Timestamp>,
    /// Accounts of which something is known.
    pub accounts: usize,
    /// Those among them that rest.
    pub resting_accounts: usize,
    /// How attempts ended since the process began.
    pub attempts: Attempts,
    /// How late messages were accepted since the process began.
    pub lateness: Lateness,
}

/// Whether a destination is left alone because it is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BreakerState {
    /// It is not.
    Closed,
    /// Nothing is sent there before this instant.
    Open {
        /// Which.
        until: Timestamp,
    },
    /// One message is sent there, to see.
    HalfOpen,
}

/// The same instant on the clock that nobody can set and on the wall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wall {
    pub(super) now: Instant,
    pub(super) wall: Timestamp,
}

impl Wall {
    /// What the clock on the wall shows at an instant.
    pub(super) fn at(self, instant: Instant) -> Timestamp {
        let at = match instant.checked_duration_since(self.now) {
            Some(ahead) => self.wall.saturating_add(ahead),
            None => self.wall.saturating_sub(self.now - instant),
        };
        at.unwrap_or(self.wall)
    }
}
