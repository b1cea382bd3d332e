//! [`SqlOutput`]: a table of activities, and up to where their source is in it.

mod access;
mod batch;
mod schema;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use squall::prelude::*;
use squall_connect::Fence;
use squall_connect::sql::{Database, Options};
use tokio::sync::oneshot;

use super::ids::{Ids, Places};
use crate::Activity;
use access::{Claim, Claimed, Insert};
use batch::{Batch, Row};

/// A table of activities, each there once, and up to where their source is in it. Copies share it.
///
/// Activities and the place of their source are written in one transaction: whoever goes on from
/// [`done_to`](Self::done_to) misses nothing, and what comes again is known by its [`EventId`](crate::EventId) and written no second time.
///
/// Whoever opens it claims the source. What a process writes that was cut off and has been replaced has no effect: it is
/// told so, and its activities are not done.
#[derive(Clone)]
pub struct SqlOutput {
    shared: Arc<Shared>,
}

/// How far its source is, as far as that is known now.
type Progress = Box<dyn Fn() -> u64 + Send + Sync>;

struct Shared {
    database: Database,
    ids: Ids,
    claimed: Claimed,
    progress: Mutex<Option<Progress>>,
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
        let database = Database::open(options, schema::SCHEMA).await?;
        let claimed = database.write(Claim { source: source.to_owned() }).await?;
        let shared = Shared {
            database,
            ids: Ids::new(source, places),
            claimed,
            progress: Mutex::default(),
            waiting: Mutex::default(),
            written: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Up to where the source was done when it was claimed: the number of its last line of which, and before which,
    /// everything is in the table. 0 for a source that was never read.
    pub fn done_to(&self) -> u64 {
        self.shared.claimed.done_to
    }

    /// The number of the claim.
    pub fn fence(&self) -> Fence {
        self.shared.claimed.fence
    }

    /// Writes with every transaction how far the source is.
    pub fn follow(&self, progress: impl Fn() -> u64 + Send + Sync + 'static) {
        *lock(&self.shared.progress) = Some(Box::new(progress));
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
        let row = Row { id: self.shared.ids.of(activity).to_string(), json: activity.to_json()? };
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

    /// Writes how far the source is, with nothing else.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_progress(&self) -> Result<()> {
        self.shared.insert(Vec::new()).await.map_err(Error::retryable)
    }
}

impl Shared {
    /// Writes what waits, until nothing waits.
    async fn write_all(&self) {
        loop {
            let Some((rows, outcomes)) = lock(&self.waiting).take() else { return };
            let outcome = self.insert(rows).await;
            for told in outcomes {
                // Whoever was dropped does not want to know.
                told.send(outcome.clone()).ok();
            }
        }
    }

    async fn insert(&self, rows: Vec<Row>) -> Result<(), String> {
        let count = rows.len() as u64;
        // What is done now is in the table already: this is written with what follows it, never before.
        let done_to = lock(&self.progress).as_ref().map_or(0, |progress| progress());
        let insert = Insert {
            source: self.ids.source().to_owned(),
            fence: self.claimed.fence,
            done_to,
            rows: rows.into(),
        };
        let added = match self.database.write(insert).await {
            Ok(Some(added)) => added,
            Ok(None) => {
                return Err(format!(
                    "another process has claimed the source `{}`: nothing of this one is written any more; end it",
                    self.ids.source()
                ));
            }
            Err(error) => return Err(error.to_string()),
        };
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
