//! [`Lag`]: how far behind a partition's end its reader is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::{KafkaError, KafkaResult},
    types::RDKafkaErrorCode,
};

use super::tracker::{Standing, Stop};

/// How far behind the end of a partition a source is, and how far before what is forgotten.
///
/// The ends are those that the broker told last, at most some seconds ago. A check of the time that is left until the
/// topic's retention overtakes the reader takes [`next`](Self::next) as its position and [`oldest`](Self::oldest) as
/// what there still is; by how much [`kept`](Self::kept) is longer than [`age`](Self::age) is the time
/// that is left to the lowest offset which is not done.
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
    /// For how long the topic keeps a record at least, if its age is what counts. The broker tells it some seconds after
    /// the source was made, to whoever may read the topic's settings, and then every five minutes.
    pub kept: Option<Duration>,
    /// Records that are here and not done.
    pub under_way: usize,
    /// Bytes that the client library has fetched ahead, some seconds ago at most.
    pub prefetched: u64,
    /// Whether it is not fetched for now: its records, or those of all partitions, are at their limit.
    pub paused: bool,
    /// Whether it goes to another member, and waits for what is under way.
    pub draining: bool,
    /// Why it is read no further.
    pub stopped: Option<Stop>,
}

impl Lag {
    pub(super) fn of(
        partition: i32,
        standing: Standing,
        told: Option<Told>,
        kept: Option<Duration>,
        now: SystemTime,
    ) -> Self {
        let nothing = Told { oldest: standing.lowest, end: standing.next, prefetched: 0 };
        let Told { oldest, end, prefetched } = told.unwrap_or(nothing);
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
            kept,
            under_way: standing.under_way,
            prefetched,
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

/// Asks a broker for the oldest offset of a partition and for the one behind its last record.
///
/// The library puts two questions. If one of them is refused it may give the answer to the other one for both: that
/// there is but one offset, as where a topic is empty, counts when it is told twice.
pub(super) fn ask<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
    partition: i32,
    most: Duration,
) -> KafkaResult<(i64, i64)> {
    let ends = || match consumer.fetch_watermarks(topic, partition, most)? {
        (oldest, _) if oldest < 0 => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::Unknown)),
        ends => Ok(ends),
    };
    let (oldest, end) = ends()?;
    if oldest < end { Ok((oldest, end)) } else { ends() }
}

/// What was told of a partition last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    oldest: i64,
    end: i64,
    prefetched: u64,
}

/// What the broker and the client library told last of each partition.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<BTreeMap<i32, Told>>);

impl Ends {
    /// The broker was asked.
    pub(super) fn set(&self, partition: i32, oldest: i64, end: i64) {
        let mut all = self.lock();
        let prefetched = all.get(&partition).map_or(0, |told| told.prefetched);
        all.insert(partition, Told { oldest, end, prefetched });
    }

    /// What came with a fetch: of partitions that are known, and as far as it says anything.
    pub(super) fn heard(&self, partition: i32, oldest: i64, end: i64, prefetched: u64) {
        if let Some(told) = self.lock().get_mut(&partition) {
            *told = Told { oldest: told.oldest.max(oldest), end: told.end.max(end), prefetched };
        }
    }

    pub(super) fn forget(&self, partition: i32) {
        self.lock().remove(&partition);
    }

    pub(super) fn get(&self, partition: i32) -> Option<Told> {
        self.lock().get(&partition).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
