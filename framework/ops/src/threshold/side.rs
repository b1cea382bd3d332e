//! [`Side`]: on which side of what is usual something is wrong.

use crate::check::CheckSettings;
use crate::history::Metric;

/// On which side of what is usual something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Above,
    Below,
}

impl Side {
    /// Of what gets through too little is wrong: what too much does shows in queues and latencies. Of everything else, too
    /// much.
    pub(crate) fn of(metric: Metric) -> Self {
        match metric {
            Metric::Emitted | Metric::Executed | Metric::Acked => Self::Below,
            _ => Self::Above,
        }
    }

    /// The side of a bound that somebody has written.
    pub(crate) fn of_settings(settings: &CheckSettings) -> Option<Self> {
        settings.above.map(|_| Self::Above).or(settings.below.map(|_| Self::Below))
    }

    /// The bound that is broken by less than the others.
    pub(super) fn widest(self, bounds: impl Iterator<Item = f64>) -> Option<f64> {
        match self {
            Self::Above => bounds.reduce(f64::max),
            Self::Below => bounds.reduce(f64::min),
        }
    }
}
