//! What there is to do, what can be done, and when it will be done.
//!
//! Sources say what is [behind](Behind) them. Once a second, when the checks of the process are made, that is looked at:
//! no request is needed for the curve to go on. If nobody looks for longer, whoever asks has it looked at.

mod api;
mod behind;
mod capacity;
pub(crate) mod curve;
mod families;
#[cfg(feature = "kafka")]
mod kafka;
mod metrics;
mod model;
mod outlook;
mod overtaken;
mod recent;
mod smoothed;
pub(crate) mod words;

pub(crate) use api::operations;
pub use behind::{Backlog, Behind, Log};
pub use capacity::CapacityFrom;
pub use curve::Point;
#[cfg(feature = "kafka")]
pub use kafka::BehindKafka;
pub(crate) use metrics::Metrics;
pub use outlook::{EnricherOutlook, Outlook};

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use squall::Latency;

use crate::{Enrichers, Named, Room, Tally};
use capacity::{Costs, estimate};
use model::{Look, Model};
use outlook::millis;
use overtaken::Overtaken;
use recent::Recent;

/// Whoever looks once a second may come a little early.
const PERIOD: Duration = Duration::from_millis(900);

/// Nobody looks once a second any more if nobody did for so long.
const STALE: Duration = Duration::from_secs(2);

/// What takes longer, in seconds, does not happen.
pub(crate) const NEVER: f64 = 365.0 * 86_400.0;

/// What was seen of fewer activities says nothing of the others.
const LEAST_DONE: u64 = 1_000;

/// What a topology has to do, and what it can. Cheap to clone: clones are the same.
///
/// A source says by [`behind`](Self::behind) what is still to be done; where none does, that is what waits for
/// answers.
///
/// ```
/// use std::sync::Arc;
/// use squall_enrichment::{Backlog, Enrichers, Overload, Room, Tally};
///
/// let room = Room::new(1_000, 64 * 1024 * 1024);
/// let overload = Overload::new(&Arc::new(Tally::default()), &room, &Enrichers::default(), Some(20_000));
/// overload.behind(|| Backlog { records: 40_000, ..Backlog::default() });
///
/// let outlook = overload.outlook();
/// assert_eq!((outlook.capacity_per_s, outlook.predicted_drain_s), (20_000.0, Some(2.0)));
/// ```
#[derive(Clone)]
pub struct Overload(Arc<Inner>);

struct Inner {
    tally: Arc<Tally>,
    room: Room,
    enrichers: Enrichers,
    sources: Mutex<Vec<Box<dyn Behind>>>,
    seen: Mutex<Seen>,
}

/// What was seen so far.
struct Seen {
    at: Option<Instant>,
    model: Model,
    overtaken: Overtaken,
    recent: Recent,
    lost: u64,
    has_logs: bool,
    retention_left: Option<f64>,
    stopped: Vec<String>,
}

impl Overload {
    /// Of a topology that counts in `tally`, where activities wait in `room` for `enrichers`, and which takes in
    /// `capacity` of them a second at most, if that is limited.
    pub fn new(tally: &Arc<Tally>, room: &Room, enrichers: &Enrichers, capacity: Option<u64>) -> Self {
        Self(Arc::new(Inner {
            tally: Arc::clone(tally),
            room: room.clone(),
            enrichers: enrichers.clone(),
            sources: Mutex::default(),
            seen: Mutex::new(Seen {
                at: None,
                model: Model::new(capacity.map(|capacity| capacity as f64)),
                overtaken: Overtaken::default(),
                recent: Recent::default(),
                lost: 0,
                has_logs: false,
                retention_left: None,
                stopped: Vec::new(),
            }),
        }))
    }

    /// Asks this source, too, what is behind it.
    pub fn behind(&self, source: impl Behind + 'static) {
        self.sources().push(Box::new(source));
    }

    /// What is behind all sources now.
    pub fn backlog(&self) -> Backlog {
        let sources = self.sources();
        let all = sources.iter().map(|source| source.backlog());
        all.reduce(Backlog::and).unwrap_or_else(|| Backlog {
            records: self.0.room.waiting() as u64,
            done: self.0.tally.done(),
            ..Backlog::default()
        })
    }

    /// How things stood when they were looked at last, a second ago at most.
    pub fn outlook(&self) -> Outlook {
        let seen = self.seen(STALE);
        let standing = seen.model.standing().unwrap_or_default();
        let room = &self.0.room;
        let waited = seen.recent.since(0, &room.waited());
        Outlook {
            backlog_records: standing.records,
            backlog_age_s: standing.age.as_secs_f64(),
            in_per_s: tenths(standing.in_per_s),
            out_per_s: tenths(standing.out_per_s),
            capacity_per_s: tenths(standing.capacity.per_s),
            capacity_from: standing.capacity.from,
            spare_per_s: tenths(standing.spare_per_s),
            predicted_drain_s: standing.drain_s.map(tenths),
            lost_records: seen.lost,
            retention_left_s: seen.retention_left,
            stopped: seen.stopped.clone(),
            parked: room.waiting() as u64,
            parked_bytes: room.bytes(),
            parked_limit: room.activities() as u64,
            waited_p50_ms: millis(&waited, 0.5),
            waited_p99_ms: millis(&waited, 0.99),
            enrichers: self.each_enricher(&seen.recent),
            curve: seen.model.curve().points().collect(),
        }
    }

    fn each_enricher(&self, recent: &Recent) -> Vec<EnricherOutlook> {
        let missing = self.0.tally.all_missing();
        let of = |(at, named): (usize, &Named)| {
            EnricherOutlook::of(named, &recent.since(at + 1, &named.answers().took()), &missing)
        };
        self.0.enrichers.iter().enumerate().map(of).collect()
    }

    /// Looks, unless that was done within the last second: for those who come once a second.
    pub(crate) fn look(&self) {
        drop(self.seen(PERIOD));
    }

    /// Whether anything is read that is forgotten some day.
    pub(crate) fn has_logs(&self) -> bool {
        self.seen(STALE).has_logs
    }

    /// Whether nothing further is read until what waits has its answers.
    pub(crate) fn is_full(&self) -> bool {
        self.0.room.is_full()
    }

    /// What became of what was read.
    pub(crate) fn tally(&self) -> &Arc<Tally> {
        &self.0.tally
    }

    /// What the enrichers gave and took, since the process was started.
    pub(crate) fn enrichers(&self) -> &Enrichers {
        &self.0.enrichers
    }

    /// What was seen, no longer than this ago.
    fn seen(&self, at_most: Duration) -> MutexGuard<'_, Seen> {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if seen.at.is_none_or(|at| now.saturating_duration_since(at) >= at_most) {
            self.look_at(now, SystemTime::now(), &mut seen);
        }
        seen
    }

    fn look_at(&self, now: Instant, clock: SystemTime, seen: &mut Seen) {
        let backlog = self.backlog();
        seen.at = Some(now);
        seen.lost = backlog.lost;
        seen.has_logs = !backlog.logs.is_empty();
        seen.retention_left = seen.overtaken.look(now, &backlog.logs);
        seen.recent.look(now, || self.counted());
        let since_1970 = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
        seen.model.look(Look {
            at: now,
            at_ms: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
            records: backlog.records,
            parked: self.0.room.waiting() as u64,
            age: backlog.age,
            arrived: backlog.arrived,
            done: backlog.done,
            estimate: self.estimate(),
        });
        let stopped = |log: Log| log.stopped.map(|why| format!("{}: {why}", log.name));
        seen.stopped = backlog.logs.into_iter().filter_map(stopped).collect();
    }

    /// How long activities waited, and how long each enricher took.
    fn counted(&self) -> Vec<Latency> {
        let answers = self.0.enrichers.iter().map(|named| named.answers().took());
        std::iter::once(self.0.room.waited()).chain(answers).collect()
    }

    /// What could be done a second, from what enrichers declare and what was seen of them.
    fn estimate(&self) -> f64 {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let done = self.0.tally.written();
        let costs = self.0.enrichers.iter().map(|named| {
            let declared = named.declared();
            let asked = named.answers().given() as f64 / done.max(1) as f64;
            let took = named.answers().took();
            Costs {
                cost: declared.cost,
                concurrency: declared.concurrency,
                waited_s: (took.count() > 0).then(|| took.sum_seconds / took.count() as f64),
                share: if done < LEAST_DONE { 1.0 } else { asked.min(1.0) },
            }
        });
        estimate(cores, &costs.collect::<Vec<_>>())
    }

    fn sources(&self) -> MutexGuard<'_, Vec<Box<dyn Behind>>> {
        self.0.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One digit behind the point is more than is known.
fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl fmt::Debug for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overload")
            .field("room", &self.0.room)
            .field("enrichers", &self.0.enrichers.iter().len())
            .finish_non_exhaustive()
    }
}
