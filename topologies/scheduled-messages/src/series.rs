//! Series: messages that recur.
//!
//! A series is a schedule and what each of its messages says. Shortly before an occurrence is due, an ordinary message
//! is made of it, which has its own id, can be edited and cancelled, and remembers its series. So a change of a series
//! changes only what is not made yet.
//!
//! ```text
//!            pause            end
//!     active ─────► paused ───────► ended
//!        ▲            │               ▲
//!        └────────────┘               │
//!        │   resume                   │
//!        └────────────────────────────┘
//!          end, or the last occurrence was made
//! ```
//!
//! What falls into a pause is not made. What falls into an outage is caught up with as
//! [`CatchUp`] says.

mod due;
mod make;

pub use due::{DueSeries, Look};
pub use make::MakeMessages;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::message::MessageId;
use crate::recurrence::{CatchUp, Cron, Recurrence};
use crate::when;

/// The name of a series: a UUID of version 7, which sorts by when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub(crate) Uuid);

impl SeriesId {
    /// Makes a new one.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Reads the usual form with dashes; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }

    /// Its 128 bits, as messages of the series name it.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// Returns the id of the message for the occurrence at an instant: always the same, so that it is made once
    /// whoever makes it.
    ///
    /// ```
    /// use squall_scheduled_messages::series::SeriesId;
    ///
    /// let series = SeriesId::new();
    /// let nine = "2027-01-01T09:00:00Z".parse()?;
    /// assert_eq!(series.message(nine), series.message(nine));
    /// assert_ne!(series.message(nine), series.message("2027-01-02T09:00:00Z".parse()?));
    /// assert_ne!(series.message(nine), SeriesId::new().message(nine));
    /// # Ok::<_, jiff::Error>(())
    /// ```
    pub fn message(self, instant: Timestamp) -> MessageId {
        MessageId(Uuid::new_v5(&self.0, &instant.as_microsecond().to_be_bytes()))
    }
}

impl Default for SeriesId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Serialize for SeriesId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a series is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesState {
    /// Its occurrences are made.
    Active,
    /// They are not, until it is resumed.
    Paused,
    /// They never will be again.
    Ended,
}

impl SeriesState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Ended];

    /// The name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    /// Reads a name; `None` if it is none of them.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a series may go from this state to another; staying is always allowed.
    pub fn may_become(self, next: Self) -> bool {
        self == next || self != Self::Ended
    }
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct NewSeries {
    /// Whose messages they are.
    pub account: String,
    /// The name of the destination they go to.
    pub destination: String,
    /// What each of them says.
    pub text: String,
    /// When they are sent.
    pub recurrence: Recurrence,
    /// How late each of them may be sent.
    pub not_after: Option<Duration>,
}

/// A series as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Series {
    /// Its name.
    #[schemars(with = "Uuid")]
    pub id: SeriesId,
    /// Whose messages they are.
    pub account: String,
    /// The name of the destination they go to.
    pub destination: String,
    /// What each message says that is not made yet.
    pub text: String,
    /// When they are sent.
    pub cron: String,
    /// The name of the zone whose clocks `cron` is about.
    pub zone: String,
    /// What to make of occurrences that an outage left unmade.
    #[schemars(with = "String")]
    pub catch_up: CatchUp,
    /// The first instant at which it may run.
    pub from: Option<Timestamp>,
    /// The last instant at which it may run.
    pub until: Option<Timestamp>,
    /// After how many messages it ends.
    pub count: Option<u32>,
    /// How late each message may be sent.
    #[serde(serialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub not_after: Option<Duration>,
    /// Where it is in its life.
    #[schemars(with = "String")]
    pub state: SeriesState,
    /// How often it was changed; every change names the version it was made from.
    #[serde(skip)]
    pub version: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The first occurrence that is not made yet.
    pub next_at: Option<Timestamp>,
    /// The last one that is.
    pub last_at: Option<Timestamp>,
    /// How many messages were made.
    pub made: u32,
    /// Why it could not go on, if that is why it is paused.
    pub last_error: Option<String>,
}

impl Series {
    /// Returns its schedule.
    ///
    /// # Errors
    ///
    /// The schedule or the zone is not understood (any more): what is wrong, as a sentence.
    pub fn recurrence(&self, zones: &TimeZoneDatabase) -> Result<Recurrence, String> {
        let cron =
            Cron::parse(&self.cron).map_err(|detail| format!("The schedule `{}` {detail}.", self.cron))?;
        let zone = when::zone(&self.zone, zones)?;
        let Self { catch_up, from, until, count, .. } = *self;
        Ok(Recurrence { cron, zone, catch_up, from, until, count })
    }
}

fn duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.collect_str(&humantime::format_duration(*duration)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_by_its_name() {
        for state in SeriesState::ALL {
            assert_eq!(SeriesState::parse(state.name()), Some(state));
        }
        assert_eq!(SeriesState::parse("gone"), None);
    }

    #[test]
    fn what_has_ended_stays_so() {
        for state in SeriesState::ALL {
            assert_eq!(SeriesState::Ended.may_become(state), state == SeriesState::Ended);
            assert!(SeriesState::Active.may_become(state) && SeriesState::Paused.may_become(state));
        }
    }
}
