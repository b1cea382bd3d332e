//! What is measured, and for how long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The cases without a fixed rate.
    pub(crate) cases: [&'static str; 3],
    /// Tuples per second.
    pub(crate) rates: &'static [u64],
    /// How long everything is measured.
    pub(crate) times: Times,
}

/// How often and how long, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Times {
    /// Rounds; all contestants run in each.
    pub(crate) repetitions: usize,
    /// How long Java warms up, once a process.
    pub(crate) warm_up_s: f64,
    /// How long a run settles before it is counted.
    pub(crate) settle_s: f64,
    /// How long a run is counted.
    pub(crate) measured_s: f64,
    /// How long a run at a fixed rate is counted.
    pub(crate) rate_measured_s: f64,
}

impl Plan {
    const CASES: [&'static str; 3] = ["const-null", "const-id-null", "word-count"];

    /// What RESULTS.md rests on; has to fit in a quarter of an hour.
    pub(crate) fn full() -> Self {
        let times =
            Times { repetitions: 3, warm_up_s: 10.0, settle_s: 0.4, measured_s: 1.5, rate_measured_s: 2.5 };
        Self { cases: Self::CASES, rates: &[1_000, 10_000], times }
    }

    /// Only to see that everything runs.
    pub(crate) fn quick() -> Self {
        let times =
            Times { repetitions: 1, warm_up_s: 1.5, settle_s: 0.2, measured_s: 0.5, rate_measured_s: 0.5 };
        Self { cases: Self::CASES, rates: &[1_000, 10_000], times }
    }
}

/// A span of the plan.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}
