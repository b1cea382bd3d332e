//! Which instant a wall time means.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::whole;

/// Which of the two a wall time is that comes twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// The first: before clocks go back.
    #[default]
    Earlier,
    /// The second: after.
    Later,
}

impl Fold {
    /// The name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Earlier => "earlier",
            Self::Later => "later",
        }
    }

    /// Reads a name; `None` if it is none.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Earlier, Self::Later].into_iter().find(|fold| fold.name() == name)
    }
}

/// The instant that a wall time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// It, in whole microseconds.
    pub instant: Timestamp,
    /// How it was found.
    pub note: Note,
}

/// How the instant of a wall time was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// There is just one.
    Exact,
    /// Clocks skip the wall time.
    Gap {
        /// The wall time that it was moved to.
        moved_to: DateTime,
    },
    /// The wall time comes twice.
    Fold {
        /// Which of the two was taken.
        taken: Fold,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("The wall time exists once."),
            Self::Gap { moved_to } => write!(f, "Clocks skip the wall time: it was moved to {moved_to}."),
            Self::Fold { taken: Fold::Earlier } => {
                f.write_str("The wall time comes twice: the first was taken.")
            }
            Self::Fold { taken: Fold::Later } => {
                f.write_str("The wall time comes twice: the second was taken.")
            }
        }
    }
}

/// Finds the instant of a wall time; see [the rule](super).
///
/// # Errors
///
/// It lies outside of the years 1 to 9999 in universal time: the rest of a sentence about it.
///
/// ```
/// use squall_scheduled_messages::when::{Fold, Note, resolve};
///
/// let zone = jiff::tz::db().get("America/New_York")?;
/// let twice = "2027-11-07T01:30".parse()?;
/// let first = resolve(twice, &zone, Fold::Earlier).unwrap();
/// assert_eq!(first.instant, "2027-11-07T01:30:00-04:00".parse()?);
/// assert_eq!(first.note, Note::Fold { taken: Fold::Earlier });
/// # Ok::<_, jiff::Error>(())
/// ```
pub fn resolve(wall: DateTime, zone: &TimeZone, fold: Fold) -> Result<Resolved, String> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let offset = ambiguous.offset();
    // What jiff calls compatible is the rule: later by the length of a gap, the first in a fold.
    let instant = match (fold, offset) {
        (Fold::Later, AmbiguousOffset::Fold { .. }) => ambiguous.later(),
        _ => ambiguous.compatible(),
    };
    let instant = instant.map_err(|_| "is too far away; expected a time before the year 10000".to_owned())?;
    let note = match offset {
        AmbiguousOffset::Unambiguous { .. } => Note::Exact,
        AmbiguousOffset::Gap { .. } => Note::Gap { moved_to: zone.to_datetime(instant) },
        AmbiguousOffset::Fold { .. } => Note::Fold { taken: fold },
    };
    Ok(Resolved { instant: whole(instant), note })
}
