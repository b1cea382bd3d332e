//! [`Lag`]: how far behind a partition's end its reader is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::tracker::{Standing, Stop};

/// How far behind the end of a partition a source is, and how far before what is forgotten.
///
/// The ends are those that the broker told last, at most some seconds ago. A check of the time that is left until the
/// topic's retention overtakes the reader takes [`next`](Self::next) as its position and [`oldest`](Self::oldest) as
/// what there still is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The partition.
    pub partition: i32,
    /// The oldest offset that there is.
    pub oldest: i64,
    /// The next offset that will be written.
    pub end: i64,
    /// The offset that is received next.
    pub next: i64,
    /// The lowest offset that is not done.
    pub lowest: i64,
    /// What the broker has as the group's offset.
    pub committed: Option<i64>,
    /// Offsets that are not done: from `lowest` to `end`. The marks of transactions count, too.
    pub records: u64,
    /// How long ago the first record that is not done was written, if one is here and says it. None is here when all
    /// that came is done.
    pub age: Option<Duration>,
    /// Records that are here and not done.
    pub under_way: usize,
    /// Whether it is not fetched for now: its records, or those of all partitions, are at their limit.
    pub paused: bool,
    /// Whether it goes to another member, and waits for what is under way.
    pub draining: bool,
    /// Why it is read no further.
    pub stopped: Option<Stop>,
}

impl Lag {
    pub(super) fn of(partition: i32, standing: Standing, ends: Option<(i64, i64)>, now: SystemTime) -> Self {
        let (oldest, end) = ends.unwrap_or((standing.lowest, standing.next));
        // What was received tells more than what the broker said before.
        let end = end.max(standing.next);
        let age = standing.oldest_timestamp.and_then(|written| {
            let written = UNIX_EPOCH + Duration::from_millis(u64::try_from(written).ok()?);
            Some(now.duration_since(written).unwrap_or_default())
        });
        Self {
            partition,
            oldest,
            end,
            next: standing.next,
            lowest: standing.lowest,
            committed: standing.committed,
            records: u64::try_from(end - standing.lowest).unwrap_or(0),
            age,
            under_way: standing.under_way,
            paused: standing.paused,
            draining: standing.draining,
            stopped: standing.stopped,
        }
    }

    /// Offsets that are left until what is forgotten overtakes what is read.
    pub fn room(&self) -> u64 {
        u64::try_from(self.next - self.oldest).unwrap_or(0)
    }
}

/// The oldest offset and the end of each partition, as the broker told them last.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<BTreeMap<i32, (i64, i64)>>);

impl Ends {
    pub(super) fn set(&self, partition: i32, oldest: i64, end: i64) {
        self.lock().insert(partition, (oldest, end));
    }

    /// What came with a fetch: of partitions that are known, and as far as it says anything.
    pub(super) fn heard(&self, partition: i32, oldest: i64, end: i64) {
        if let Some(known) = self.lock().get_mut(&partition) {
            *known = (known.0.max(oldest), known.1.max(end));
        }
    }

    pub(super) fn forget(&self, partition: i32) {
        self.lock().remove(&partition);
    }

    pub(super) fn get(&self, partition: i32) -> Option<(i64, i64)> {
        self.lock().get(&partition).copied()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<i32, (i64, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
