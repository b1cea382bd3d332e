//! What a peer answers.

use serde::{Deserialize, Serialize};

/// The first thing that a peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Always so.
    pub ready: bool,
}

/// What came of emitting as fast as possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// How long it was counted.
    pub seconds: f64,
    /// Tuples that the last bolt took meanwhile.
    pub tuples: u64,
    /// Emissions (or spans of them that share a root) that the spout was told to be complete.
    pub acked: u64,
    /// Emissions that failed, from the first to the last.
    pub failed: u64,
    /// Processor time of the whole process while it was counted, in seconds.
    pub cpu_s: f64,
}

/// What came of emitting at a fixed rate; latencies count from the instant at which a tuple was due.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// From the first instant until the last tuple had arrived.
    pub seconds: f64,
    /// Tuples that fell due after the warm-up.
    pub scheduled: u64,
    /// Those of them that arrived.
    pub tuples: u64,
    /// Processor time of the whole process, in seconds.
    pub cpu_s: f64,
    /// The median in microseconds.
    pub p50_us: f64,
    /// The 99th percentile in microseconds.
    pub p99_us: f64,
    /// The 99.9th percentile in microseconds.
    pub p999_us: f64,
    /// The longest in microseconds.
    pub max_us: f64,
}
