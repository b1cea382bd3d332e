//! [`Stop`]: why a partition is read no further.

use std::fmt;

use serde::Serialize;

/// Why a partition is read no further, until a person has looked at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stop {
    /// A record failed for good, and nothing took it as a dead letter.
    Failed {
        /// Its offset.
        offset: i64,
        /// Why it failed.
        why: String,
    },
    /// What was to be read next is not there.
    OutOfRange {
        /// The offset that was to be read.
        wanted: i64,
        /// The oldest that there is.
        oldest: i64,
        /// The next that will be written.
        end: i64,
    },
}

impl Stop {
    /// How many offsets are gone that were never read.
    ///
    /// ```
    /// use squall_connect::kafka::Stop;
    ///
    /// assert_eq!(Stop::OutOfRange { wanted: 40, oldest: 100, end: 900 }.lost(), 60);
    /// // The topic was made anew, and is shorter: nobody can tell.
    /// assert_eq!(Stop::OutOfRange { wanted: 40, oldest: 0, end: 10 }.lost(), 0);
    /// ```
    pub fn lost(&self) -> u64 {
        match self {
            Self::Failed { .. } => 0,
            Self::OutOfRange { wanted, oldest, .. } => u64::try_from(oldest - wanted).unwrap_or(0),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { offset, why } => write!(
                f,
                "record {offset} failed for good ({why}); give its spout a reader of dead letters, or mend what \
                 refuses it, and start again"
            ),
            Self::OutOfRange { wanted, oldest, end } if wanted < oldest => write!(
                f,
                "record {wanted} was to be read, and the topic has {oldest} to {end} only: {} are lost; raise the \
                 topic's retention, and start again with `on_loss = \"go_on\"`",
                self.lost()
            ),
            Self::OutOfRange { wanted, oldest, end } => write!(
                f,
                "record {wanted} was to be read, and the topic has {oldest} to {end} only: was it made anew? Set the \
                 group's offset, or start again with `on_loss = \"go_on\"`"
            ),
        }
    }
}
