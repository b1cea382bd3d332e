//! What the flags come to.

use std::time::Duration;

use super::{options::LoadOptions, schedule::Schedule};

/// How hard the load is, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) seed: u64,
    pub(super) workers: usize,
    /// Of all workers.
    pub(super) capacity: u32,
    pub(super) schedule: Schedule,
    pub(super) kill_every: Duration,
    pub(super) join_every: Duration,
    /// The most bytes that a worker may have.
    pub(super) memory: u64,
    pub(super) patience: Duration,
}

impl Load {
    /// `quick` is a tenth of everything, but for the kills: a worker needs some seconds to start and to get its partitions.
    pub(super) fn of(options: &LoadOptions, quick: bool) -> Self {
        let or =
            |chosen: Option<u32>, full: u32, less: u32| chosen.unwrap_or(if quick { less } else { full });
        let seconds = |chosen: Option<u64>, full: u64, less: u64| {
            Duration::from_secs(chosen.unwrap_or(if quick { less } else { full }))
        };
        let spikes = match options.spikes.as_slice() {
            [] if quick => vec![2_500, 5_000],
            [] => vec![25_000, 50_000],
            chosen => chosen.to_vec(),
        };
        Self {
            seed: options.seed.unwrap_or_else(|| fastrand::u64(..1 << 48)),
            workers: options.workers.unwrap_or(2).max(1),
            capacity: or(options.capacity, 20_000, 2_000),
            schedule: Schedule {
                base: or(options.base, 6_000, 600),
                spikes,
                spike: seconds(options.spike, 20, 3),
                calm: seconds(options.calm, 30, 4),
            },
            kill_every: seconds(options.kill_every, 5, 8),
            join_every: seconds(options.join_every, 8, 9),
            memory: options.memory.unwrap_or(512) * 1024 * 1024,
            patience: seconds(options.patience, 600, 600),
        }
    }
}
