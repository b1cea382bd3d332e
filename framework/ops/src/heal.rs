//! [`Heal`]: what is done by itself about what a check finds.
//!
//! Within bounds, at most so often, never during a drain, and only said and not done unless somebody has decided otherwise.
//! All of it stands in the journal.

mod healer;
mod settings;
#[cfg(test)]
mod tests;

pub(crate) use healer::Healer;
pub(crate) use settings::HealSettings;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// The tasks of the component are built anew, one after the other.
    Restart,
    /// The component gets more tasks, or fewer.
    Rebalance { step: i64, min: usize, max: usize },
    /// The spout is asked for nothing more until all is well.
    PauseSpout,
}

/// What is done by itself about what a [`Check`](crate::Check) finds.
///
/// It is only said, and not done, unless [`for_real`](Self::for_real) says so.
///
/// ```
/// use std::time::Duration;
/// use squall_ops::Heal;
///
/// let heal = Heal::rebalance(2, 4..=16).every(Duration::from_secs(120)).at_most(3, Duration::from_secs(3600));
/// assert_eq!(
///     heal.to_string(),
///     "adds 2 tasks, within 4 to 16, at most 3 times in 1h (a dry run)",
/// );
/// assert!(heal.is_dry_run());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Heal {
    /// What is done.
    pub(crate) deed: Deed,
    /// To which component; none is the one that the finding is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<String>,
    /// At most so often…
    pub(crate) most: usize,
    /// …in this time, whatever it is about.
    #[serde(serialize_with = "seconds", rename = "window_seconds")]
    #[schemars(with = "f64")]
    pub(crate) window: Duration,
    /// What was done is given this time to help before more is done.
    #[serde(serialize_with = "seconds", rename = "every_seconds")]
    #[schemars(with = "f64")]
    pub(crate) every: Duration,
    /// It is only said.
    pub(crate) dry_run: bool,
}

impl Heal {
    /// Builds the tasks of the component anew, one after the other.
    pub fn restart() -> Self {
        Self::new(Deed::Restart)
    }

    /// Gives the component so many more tasks, or fewer if negative, but never any outside of these bounds.
    pub fn rebalance(step: i64, bounds: RangeInclusive<usize>) -> Self {
        Self::new(Deed::Rebalance { step, min: *bounds.start(), max: *bounds.end() })
    }

    /// Has a spout asked for nothing more until all is well.
    pub fn pause_spout(spout: impl Into<String>) -> Self {
        Self::new(Deed::PauseSpout).to(spout)
    }

    fn new(deed: Deed) -> Self {
        let (window, every) = (Duration::from_secs(3_600), Duration::from_secs(60));
        Self { deed, component: None, most: 3, window, every, dry_run: true }
    }

    /// It is done to this component of the topology, not to the one that the finding is about.
    #[must_use]
    pub fn to(mut self, component: impl Into<String>) -> Self {
        self.component = Some(component.into());
        self
    }

    /// At most so many times in this time; 3 in an hour.
    #[must_use]
    pub fn at_most(mut self, times: usize, window: Duration) -> Self {
        (self.most, self.window) = (times, window);
        self
    }

    /// What was done is given this time to help before more is done; a minute.
    #[must_use]
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// It is done, and not only said.
    #[must_use]
    pub fn for_real(mut self) -> Self {
        self.dry_run = false;
        self
    }

    /// Whether it is only said.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

impl fmt::Display for Heal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.deed, &self.component) {
            (Deed::Restart, None) => f.write_str("restarts its tasks")?,
            (Deed::Restart, Some(component)) => write!(f, "restarts the tasks of `{component}`")?,
            (Deed::Rebalance { step, min, max }, component) => {
                let verb = if *step < 0 { "takes" } else { "adds" };
                let noun = if step.unsigned_abs() == 1 { "task" } else { "tasks" };
                write!(f, "{verb} {} {noun}", step.unsigned_abs())?;
                if let Some(component) = component {
                    write!(f, " of `{component}`")?;
                }
                write!(f, ", within {min} to {max}")?;
            }
            (Deed::PauseSpout, None) => f.write_str("pauses the spout")?,
            (Deed::PauseSpout, Some(spout)) => write!(f, "pauses `{spout}`")?,
        }
        write!(f, ", at most {} times in {}", self.most, humantime::format_duration(self.window))?;
        if self.dry_run { f.write_str(" (a dry run)") } else { Ok(()) }
    }
}
