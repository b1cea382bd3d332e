//! [`SqlOutput`]: a table of activities, and up to where their source is in it.

mod access;
mod batch;
mod progress;
mod schema;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use squall::prelude::*;
use squall_connect::Fence;
use squall_connect::sql::{Database, Options};
use tokio::sync::oneshot;

use super::ids::{Ids, Places};
use crate::Activity;
use access::{Another, Claim, Claimed, Insert};
use batch::{Batch, Row, Told};
use progress::Progress;

/// A table of activities, each there once, and up to where their source is in it. Copies share it.
///
/// Activities and the place of their source are written in one transaction: whoever goes on from
/// [`done_to`](Self::done_to), or from a feed's [`cursor`](Self::cursor), misses nothing, and what comes again is known by
/// its [`EventId`](crate::EventId) and written no second time.
///
/// Whoever opens it claims the source, or each part of one that is read in parts, such as the partitions of a topic. What
/// a process writes that was cut off and has been replaced has no effect: it is told so, and its activities are not done.
#[derive(Clone)]
pub struct SqlOutput {
    shared: Arc<Shared>,
}

/// Tells how far a part of its source is, as far as that is known here now.
type Follow = Box<dyn Fn(i32) -> Option<Progress> + Send + Sync>;

struct Shared {
    database: Database,
    /// The database in words, without credentials.
    place: String,
    ids: Ids,
    /// Whether its source is read in parts.
    has_parts: bool,
    claims: Mutex<BTreeMap<i32, Claimed>>,
    /// What was written last of each part.
    told: Mutex<BTreeMap<i32, Progress>>,
    follow: Mutex<Option<Follow>>,
    waiting: Mutex<Batch>,
    written: AtomicU64,
    repeated: AtomicU64,
}

impl SqlOutput {
    /// Opens the database, makes its tables where they are not there, and claims `source` in it.
    ///
    /// # Errors
    ///
    /// The database cannot be opened or written to.
    pub async fn open(options: Options, source: &str, places: Places) -> Result<Self> {
        let output = Self::with(options, Ids::new(source, places), false).await?;
        output.claim(0).await?;
        Ok(output)
    }

    /// The same for a file, which is known again by a fingerprint of its beginning, where it has one.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); or some of the file is done, but it had another fingerprint then: what has become of its
    /// lines is not known. That is permanent.
    pub async fn open_file(options: Options, path: &str, fingerprint: Option<String>) -> Result<Self> {
        let output = Self::with(options, Ids::new(path, Places::Numbers), false).await?;
        output.claim_as(0, fingerprint).await?;
        Ok(output)
    }

    /// Opens the database for a source that is read in parts, each of which is [claimed](Self::claim) when it comes.
    ///
    /// # Errors
    ///
    /// The database cannot be opened or written to.
    pub async fn open_in_parts(options: Options, ids: Ids) -> Result<Self> {
        Self::with(options, ids, true).await
    }

    async fn with(options: Options, ids: Ids, has_parts: bool) -> Result<Self> {
        let place = options.to_string();
        let database = Database::open(options, schema::SCHEMA).await?;
        let shared = Shared {
            database,
            place,
            ids,
            has_parts,
            claims: Mutex::default(),
            told: Mutex::default(),
            follow: Mutex::default(),
            waiting: Mutex::default(),
            written: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Claims a part of the source, and returns up to where it is done: 0 for one that was never read.
    ///
    /// # Errors
    ///
    /// The database cannot be written to.
    pub async fn claim(&self, part: i32) -> Result<u64> {
        self.claim_as(part, None).await
    }

    async fn claim_as(&self, part: i32, fingerprint: Option<String>) -> Result<u64> {
        let source = self.shared.name(part);
        let claim = Claim { source: source.clone(), fingerprint };
        let claimed = match self.shared.database.write(claim).await? {
            Ok(claimed) => claimed,
            Err(Another { done_to }) => return Err(self.shared.is_another(&source, done_to)),
        };
        let done_to = claimed.progress.done_to;
        lock(&self.shared.told).insert(part, claimed.progress.clone());
        lock(&self.shared.claims).insert(part, claimed);
        Ok(done_to)
    }

    /// Up to where the source was done when it was claimed: the number of its last line of which, and before which,
    /// everything is in the table. 0 for a source that was never read.
    pub fn done_to(&self) -> u64 {
        self.shared.claimed(0).map_or(0, |claimed| claimed.progress.done_to)
    }

    /// Where the source, a feed, went on when it was claimed; none for one that was never read.
    pub fn cursor(&self) -> Option<String> {
        self.shared.claimed(0)?.progress.cursor
    }

    /// The number of the claim.
    pub fn fence(&self) -> Fence {
        self.shared.claimed(0).map_or(Fence::FIRST, |claimed| claimed.fence)
    }

    /// Writes with every transaction how far the source is.
    pub fn follow(&self, progress: impl Fn() -> u64 + Send + Sync + 'static) {
        self.follow_parts(move |_| Some(progress()));
    }

    /// Writes with every transaction how far those parts of the source are that it has something of. Nothing is known of a
    /// part that is read elsewhere now.
    pub fn follow_parts(&self, progress: impl Fn(i32) -> Option<u64> + Send + Sync + 'static) {
        let follow = move |part| Some(Progress { done_to: progress(part)?, cursor: None });
        *lock(&self.shared.follow) = Some(Box::new(follow));
    }

    /// Writes with every transaction where the source, a feed, goes on.
    pub fn follow_cursor(&self, cursor: impl Fn() -> Option<String> + Send + Sync + 'static) {
        let follow = move |_| Some(Progress { done_to: 0, cursor: Some(cursor()?) });
        *lock(&self.shared.follow) = Some(Box::new(follow));
    }

    /// Activities that were written.
    pub fn written(&self) -> u64 {
        self.shared.written.load(Relaxed)
    }

    /// Activities that were there before.
    pub fn repeated(&self) -> u64 {
        self.shared.repeated.load(Relaxed)
    }

    /// Writes an activity; returns when it is in the table to stay. Those that are asked for meanwhile go together.
    ///
    /// # Errors
    ///
    /// The database failed, or the source was claimed by another process. Both may pass.
    pub async fn write(&self, activity: &Activity) -> Result<()> {
        let part = if self.shared.has_parts { activity.partition } else { 0 };
        let row = Row { part, id: self.shared.ids.of(activity).to_string(), json: activity.to_json()? };
        let (outcome, told) = oneshot::channel();
        // A task of its own writes: it goes on when one of those that wait is dropped.
        if lock(&self.shared.waiting).add(row, outcome) {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move { shared.write_all().await });
        }
        match told.await {
            Ok(outcome) => outcome.map_err(Error::retryable),
            Err(_) => Err(Error::retryable("the process is shutting down: the activity may not be written")),
        }
    }

    /// Writes how far the source is, with nothing else, where that has changed.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_progress(&self) -> Result<()> {
        let parts: Vec<i32> = lock(&self.shared.claims).keys().copied().collect();
        for part in parts {
            let progress = self.shared.progress(part);
            if progress.is_some() && lock(&self.shared.told).get(&part) != progress.as_ref() {
                self.shared.insert(part, Vec::new()).await.map_err(Error::retryable)?;
            }
        }
        Ok(())
    }
}

impl Shared {
    /// What a part is called in the database.
    fn name(&self, part: i32) -> String {
        let source = self.ids.source();
        if self.has_parts { format!("{source}/{part}") } else { source.to_owned() }
    }

    fn is_another(&self, file: &str, done_to: u64) -> Error {
        let quoted = file.replace('\'', "''");
        Error::permanent(format!(
            "{file} does not begin as it did when its first {done_to} lines went to the table `activities` of {}: they \
             would be passed over unread; give the file another name, or choose another database; if each of its \
             lines has an `id`, this lets it begin anew: DELETE FROM sources WHERE source = '{quoted}'",
            self.place,
        ))
    }

    fn claimed(&self, part: i32) -> Option<Claimed> {
        lock(&self.claims).get(&part).cloned()
    }

    fn progress(&self, part: i32) -> Option<Progress> {
        lock(&self.follow).as_ref().and_then(|follow| follow(part))
    }

    /// Writes what waits, until nothing waits.
    async fn write_all(&self) {
        loop {
            let Some((rows, outcomes)) = lock(&self.waiting).take() else { return };
            let mut parts: BTreeMap<i32, (Vec<Row>, Vec<Told>)> = BTreeMap::new();
            for (row, told) in rows.into_iter().zip(outcomes) {
                let (rows, outcomes) = parts.entry(row.part).or_default();
                rows.push(row);
                outcomes.push(told);
            }
            // Parts are written beside each other: a database may have them share what is costly.
            let writes = parts.into_iter().map(async |(part, (rows, outcomes))| {
                let outcome = self.insert(part, rows).await;
                for told in outcomes {
                    // Whoever was dropped does not want to know.
                    told.send(outcome.clone()).ok();
                }
            });
            futures_util::future::join_all(writes).await;
        }
    }

    async fn insert(&self, part: i32, rows: Vec<Row>) -> Result<(), String> {
        let name = self.name(part);
        let Some(Claimed { fence, .. }) = self.claimed(part) else {
            return Err(format!("`{name}` is not claimed: it comes again to whoever has it"));
        };
        let count = rows.len() as u64;
        // What is done now is in the table already: this is written with what follows it, never before.
        let progress = self.progress(part).unwrap_or_default();
        let insert = Insert { source: name.clone(), fence, progress: progress.clone(), rows: rows.into() };
        let added = match self.database.write(insert).await {
            Ok(Some(added)) => added,
            Ok(None) => {
                return Err(format!(
                    "another process has claimed the source `{name}`: nothing of this one is written any more; end it"
                ));
            }
            Err(error) => return Err(error.to_string()),
        };
        lock(&self.told).insert(part, progress);
        self.written.fetch_add(added, Relaxed);
        self.repeated.fetch_add(count.saturating_sub(added), Relaxed);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for SqlOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlOutput")
            .field("database", &self.shared.database)
            .field("source", &self.shared.ids.source())
            .finish_non_exhaustive()
    }
}

/// Writes activities to a [`SqlOutput`], as many together as come together: give it a concurrency of some hundreds.
#[derive(Clone, Debug)]
pub struct SqlSink(SqlOutput);

impl SqlSink {
    /// Writes to `output`.
    pub fn new(output: SqlOutput) -> Self {
        Self(output)
    }
}

impl ConcurrentBolt for SqlSink {
    type In = Activity;
    type Out = ();

    async fn execute(&self, activity: Activity, _: &mut Output<()>) -> Result<()> {
        self.0.write(&activity).await
    }
}
