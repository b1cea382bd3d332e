//! [`KafkaSource`]: a topic that is read, and what is known about it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use squall_core::{Error, Result, TaskContext};

use super::{
    consumer::Consumer, keeping::Keeping, lag::Lag, options::refusal, source_settings::SourceSettings,
    spout::KafkaSpout, tally::Tally,
};
use crate::Fence;

/// Assignments that one member may see: the tickets of the next one of its task are beyond them.
const ASSIGNMENTS: i64 = 1 << 32;

/// A topic that a consumer group reads, and what is known about it. Copies share it.
///
/// Each task of its spout is a member of the group. The member outlives a spout that panics: the one that is built in
/// its place goes on, with the same partitions. If none is built for as long as a session may be silent, it leaves.
///
/// ```
/// use squall_connect::kafka::{KafkaSource, SourceSettings};
///
/// let source = KafkaSource::new(SourceSettings::new("127.0.0.1:9092", "activities", "enrichment")).unwrap();
///
/// assert!(source.lags().is_empty(), "no task has joined the group");
/// assert_eq!(source.tally().received(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct KafkaSource {
    settings: Arc<SourceSettings>,
    shared: Arc<Shared>,
}

/// Where a partition begins, if somebody keeps that besides the group.
pub(super) type Beginning = Arc<dyn Fn(i32) -> Result<Option<i64>> + Send + Sync>;

struct Shared {
    beginning: Mutex<Option<Beginning>>,
    members: Mutex<BTreeMap<usize, Arc<Consumer>>>,
    tally: Arc<Tally>,
    keeping: Arc<Keeping>,
    fence: AtomicI64,
}

impl KafkaSource {
    /// A source that has joined no group yet. Nothing is asked of the brokers.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other, or that the client library refuses. They are permanent.
    pub fn new(settings: SourceSettings) -> Result<Self> {
        settings.check().map_err(Error::permanent)?;
        settings.client(0).create_native_config().map_err(|error| Error::permanent(refusal(&error)))?;
        let shared = Shared {
            beginning: Mutex::default(),
            members: Mutex::default(),
            tally: Arc::default(),
            keeping: Arc::default(),
            fence: AtomicI64::new(Fence::FIRST.get()),
        };
        Ok(Self { settings: Arc::new(settings), shared: Arc::new(shared) })
    }

    /// Asks `beginning` where a partition begins, each time that it comes: for whoever keeps offsets together with what was
    /// made of the records. Where it knows of none, the group's offset holds.
    ///
    /// It is asked on the thread that polls, which waits for it; after an error it is asked again. It holds for members that
    /// join from then on.
    pub fn begin_where(&self, beginning: impl Fn(i32) -> Result<Option<i64>> + Send + Sync + 'static) {
        *self.shared.beginning.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(beginning));
    }

    /// The lowest offset of a partition that is not done, if the partition is here.
    pub fn lowest(&self, partition: i32) -> Option<i64> {
        self.members().values().find_map(|member| Some(member.desk().standing(partition)?.lowest))
    }

    /// The spout of a task, for `spout_with`. The first one of a task joins the group.
    ///
    /// # Errors
    ///
    /// The client library cannot be set up, or has no thread.
    pub fn spout(&self, context: &TaskContext) -> Result<KafkaSpout> {
        self.spout_of(context.task)
    }

    /// The spout of the task with this number, from 0.
    ///
    /// # Errors
    ///
    /// As [`spout`](Self::spout).
    pub fn spout_of(&self, task: usize) -> Result<KafkaSpout> {
        let consumer = self.member(task)?;
        Ok(KafkaSpout::new(self.clone(), task, consumer))
    }

    /// What it was made with.
    pub fn settings(&self) -> &SourceSettings {
        &self.settings
    }

    /// What has happened since it was made.
    pub fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// How far behind its partitions are, by number: those of all tasks of this process.
    pub fn lags(&self) -> Vec<Lag> {
        let now = SystemTime::now();
        let members: Vec<_> = self.members().values().cloned().collect();
        let mut lags: Vec<_> = members.iter().flat_map(|member| member.lags(now)).collect();
        lags.sort_by_key(|lag| lag.partition);
        lags
    }

    /// How often something was said of a record of an assignment that was over.
    pub fn late(&self) -> u64 {
        self.members().values().map(|member| member.desk().bytes_and_late().1).sum()
    }

    /// Bytes of all records that are here and not done.
    pub fn bytes(&self) -> u64 {
        self.members().values().map(|member| member.desk().bytes_and_late().0).sum()
    }

    /// The task's member, joined now if it is not yet.
    pub(super) fn member(&self, task: usize) -> Result<Arc<Consumer>> {
        let mut members = self.members();
        if let Some(member) = members.get(&task).filter(|member| !member.desk().has_ended()) {
            return Ok(Arc::clone(member));
        }
        let first = Fence::new(self.shared.fence.fetch_add(ASSIGNMENTS, Ordering::Relaxed));
        let beginning = self.shared.beginning.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Shared { tally, keeping, .. } = &*self.shared;
        let member = Consumer::join(&self.settings, tally, keeping, task, first, beginning)
            .map_err(Error::retryable)?;
        let member = Arc::new(member);
        members.insert(task, Arc::clone(&member));
        Ok(member)
    }

    /// This member of the task has left, or cannot go on.
    pub(super) fn gone(&self, task: usize, member: &Arc<Consumer>) {
        let mut members = self.members();
        if members.get(&task).is_some_and(|known| Arc::ptr_eq(known, member)) {
            members.remove(&task);
        }
    }

    fn members(&self) -> MutexGuard<'_, BTreeMap<usize, Arc<Consumer>>> {
        self.shared.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("members", &self.members)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
