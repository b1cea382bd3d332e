//! [`Why`]: why there is no bound for a series.

use std::fmt;

use super::week::LEAST_WEEKS;

/// Why there is no bound for a series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Why {
    /// Its hours were measured in so many weeks at most.
    Short { weeks: usize },
    /// It is 0 most of the time, whatever the hour.
    Still,
    /// The bound would be at or above 1, which is the most that it can be.
    Full,
    /// With the widest bound, this share of the past would still have raised.
    Restless { share: f64 },
    /// The configuration would refuse it.
    Refused(String),
    /// The configuration says something under the name that it would have.
    Taken,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { weeks } => {
                write!(
                    f,
                    "too short a history: its hours were measured in {weeks} weeks, {LEAST_WEEKS} are needed"
                )
            }
            Self::Still => f.write_str("it is nearly always 0, so that nothing tells what is much"),
            Self::Full => {
                f.write_str("it can never be far above what is usual, since it is never more than 1")
            }
            Self::Restless { share } => {
                write!(f, "it follows no week: {:.1} % of its history lie far off", share * 100.0)
            }
            Self::Refused(why) => f.write_str(why),
            Self::Taken => f.write_str("the configuration has a check of this name already"),
        }
    }
}
