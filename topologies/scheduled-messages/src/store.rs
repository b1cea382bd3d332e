//! The messages: one row each, which is the truth and the queue.
//!
//! | to see | file |
//! |---|---|
//! | the tables | `schema.rs` |
//! | why a row waits | `lane.rs` |
//! | who may send it | `lease.rs`, `claim.rs`, `share.rs` |
//! | an attempt, from its beginning to its end | `attempt.rs` |
//! | what people ask for | `asked.rs`, `insert.rs`, `change.rs`, `people.rs` |
//! | what they can see | `list.rs`, `search.rs`, `events.rs`, `views.rs` |
//! | what a new edition of the time zones changes | `zones.rs` |
//! | series, and what is made of them | `series.rs` and below |
//! | where databases differ | `dialect.rs` |

mod asked;
mod attempt;
mod change;
mod claim;
mod dialect;
mod events;
mod insert;
mod keeper;
mod lane;
mod lease;
mod list;
mod people;
mod row;
mod schema;
mod search;
mod series;
mod share;
mod views;
mod zones;

pub use attempt::{Begin, Begun, Settle, Settlement};
pub use change::{Change, Changed, Edit};
pub use claim::{Catch, Claimed, Which};
pub use events::Happening;
pub use insert::{Inserted, Request};
pub use lease::Sight;
pub use list::{Cursor, Filter};
pub use people::{ALL, Account, CatchUp, Suspended, Suspension};
pub use search::{Found, Matches, Place, Search};
pub use series::{AHEAD, Making, SeriesChange, SeriesChanged, SeriesFilter, SeriesInserted};
pub use share::Due as DueAccounts;
pub use views::{AtHand, Counts, ForPeople, Forecast, Minute, Overdue, Overview, Process};

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use squall_connect::sql::{Connection, Database, Dialect, Error, Options, Row, Value};

use crate::clock::Clock;
use crate::crash;
use crate::desk::Desk;
use crate::message::MessageId;
use crate::owner::Owner;
use crate::tids::Tids;
use crate::wake::Wake;

/// How long a process is believed to live after it was last heard of.
pub const LEASE: Duration = Duration::from_secs(10);

/// The messages in a database, as one process sees them.
///
/// A clone is a handle to the same store. Its instants are those of the database's clock.
///
/// ```
/// use jiff::Timestamp;
/// use squall_connect::sql::Options;
/// use squall_scheduled_messages::{NewMessage, State, Store};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = Store::open(Options::file(dir.path().join("messages.sqlite3"))).await?;
/// let id = store.insert(NewMessage::new("me", "inbox", "Hello", Timestamp::now()), "ada").await?.id;
/// assert_eq!(store.get(id).await?.unwrap().state, State::Scheduled);
/// # Ok::<_, squall_connect::sql::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    owner: Owner,
    lease: Duration,
    tids: Arc<Tids>,
    clock: Clock,
    wake: Wake,
    series_wake: Wake,
    inserts: Desk<insert::Insert, Inserted>,
    begins: Desk<Begin, Begun>,
    settles: Desk<Settle, bool>,
    views: views::Views,
}

impl Store {
    /// Opens a database, brings its schema up to date, and takes out a lease for this process.
    ///
    /// A SQLite file belongs to one process: what another one held there is free.
    ///
    /// # Errors
    ///
    /// See [`Database::open`].
    pub async fn open(options: Options) -> Result<Self, Error> {
        Self::open_with(options, LEASE).await
    }

    /// [`open`](Self::open), with a lease of another length.
    ///
    /// # Errors
    ///
    /// See [`Database::open`].
    pub async fn open_with(options: Options, lease: Duration) -> Result<Self, Error> {
        crash::point("migrate");
        let database = Database::open(options, schema::SCHEMA).await?;
        crash::point("migrated");
        let store = Self {
            inner: Arc::new(Inner {
                database,
                owner: Owner::new(),
                lease,
                tids: Arc::default(),
                clock: Clock::default(),
                wake: Wake::default(),
                series_wake: Wake::default(),
                inserts: Desk::default(),
                begins: Desk::default(),
                settles: Desk::default(),
                views: views::Views::default(),
            }),
        };
        if store.inner.database.dialect() == Dialect::Sqlite {
            let owner = store.owner().to_owned();
            store.inner.database.write(lease::Outlive { owner }).await?;
        }
        store.renew().await?;
        Ok(store)
    }

    /// The name under which this process holds rows.
    pub fn owner(&self) -> &str {
        self.inner.owner.name()
    }

    /// How long this process is believed to live after it was last heard of.
    pub fn lease(&self) -> Duration {
        self.inner.lease
    }

    /// Whether other processes may work on the same rows.
    pub fn is_shared(&self) -> bool {
        self.inner.database.dialect() != Dialect::Sqlite
    }

    /// How many statements this process ran since it opened the store.
    pub fn statements(&self) -> u64 {
        self.inner.database.statements()
    }

    /// What time it is, by the clock of the database.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn wake(&self) -> &Wake {
        &self.inner.wake
    }
}

/// What the topology does with rows.
impl Store {
    /// Renews the lease from a thread of its own, until the last handle is gone: whatever the topology is busy with.
    ///
    /// # Errors
    ///
    /// The thread cannot be started.
    pub fn keep_alive(&self) -> std::io::Result<()> {
        keeper::start(Arc::downgrade(&self.inner), self.inner.lease)
    }

    /// Renews the lease of this process, and with it every claim it holds.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn renew(&self) -> Result<(), Error> {
        let renew = lease::Renew { owner: self.owner().to_owned(), lease: self.inner.lease };
        if !self.inner.database.write(renew.clone()).await? {
            self.inner.database.write(lease::TakeOut(renew)).await?;
        }
        Ok(())
    }

    /// Gives up the lease: what is still held may be taken over at once.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn leave(&self) -> Result<(), Error> {
        self.inner.database.write(lease::Leave { owner: self.owner().to_owned() }).await
    }

    /// Looks what is due when, and what time it is.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn look(&self) -> Result<Sight, Error> {
        self.inner.database.read(lease::Look { owner: self.owner().to_owned() }).await
    }

    /// Forgets processes that have been dead for a minute, once nothing is left of what they held.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn bury(&self) -> Result<(), Error> {
        self.inner.database.write(lease::Bury).await
    }

    /// Takes at most `limit` rows whose instant comes within `ahead`.
    ///
    /// # Errors
    ///
    /// Nobody knows whether they were taken: [`Which::Mine`] tells.
    pub async fn claim(&self, which: Which, ahead: Duration, limit: u32) -> Result<Catch, Error> {
        self.claim_except(which, ahead, limit, Vec::new()).await
    }

    /// [`claim`](Self::claim) without what goes to some destinations, where rows are taken that nobody holds.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn claim_except(
        &self,
        which: Which,
        ahead: Duration,
        limit: u32,
        except: Vec<String>,
    ) -> Result<Catch, Error> {
        let claim = claim::Claim { owner: self.owner().to_owned(), which, ahead, limit, except };
        crash::point("claim");
        let catch = self.inner.database.write(claim).await?;
        if !catch.claimed.is_empty() {
            crash::point("claimed");
        }
        Ok(catch)
    }

    /// The accounts that have a first send due within `ahead`, behind `after` in the order of their names.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn due_accounts(&self, after: String, ahead: Duration) -> Result<DueAccounts, Error> {
        self.inner.database.read(share::Heads { after, ahead }).await
    }

    /// Gives back what is held and not begun, all of it or some; returns how much that was.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn hand_back(&self, ids: Option<Vec<MessageId>>) -> Result<u64, Error> {
        crash::point("hand_back");
        let given =
            self.inner.database.write(claim::HandBack { owner: self.owner().to_owned(), ids }).await?;
        crash::point("handed_back");
        Ok(given)
    }

    /// Turns a held row into `sending`, if it may be sent. The same question again has the same answer.
    ///
    /// # Errors
    ///
    /// Nobody knows whether it was written: ask again.
    pub async fn begin(&self, begin: Begin) -> Result<Begun, Error> {
        loop {
            let all = |attempts| self.begin_all(attempts);
            if let Some(answer) = self.inner.begins.write(begin.clone(), all).await {
                return answer;
            }
        }
    }

    async fn begin_all(&self, attempts: Vec<Begin>) -> Result<Vec<Begun>, Error> {
        let owner = self.owner().to_owned();
        let database = &self.inner.database;
        if database.dialect() != Dialect::Postgres {
            return database.write(attempt::BeginAll { owner, attempts }).await;
        }
        // One round trip for what begins, which is nearly all; the others are looked into.
        let at_once =
            attempt::BeginAtOnce(attempt::BeginAll { owner: owner.clone(), attempts: attempts.clone() });
        let mut begun = database.write(at_once).await?;
        let void: Vec<_> =
            attempts.iter().filter(|attempt| !begun.contains_key(&attempt.id)).cloned().collect();
        if !void.is_empty() {
            let ids: Vec<_> = void.iter().map(|attempt| attempt.id).collect();
            let answers = database.write(attempt::BeginAll { owner, attempts: void }).await?;
            for (id, answer) in ids.into_iter().zip(answers) {
                if let Begun::Send(message) = answer {
                    begun.insert(id, *message);
                }
            }
        }
        let answer =
            |attempt: &Begin| begun.remove(&attempt.id).map_or(Begun::Void, |row| Begun::Send(Box::new(row)));
        Ok(attempts.iter().map(answer).collect())
    }

    /// Writes down how an attempt ended, and returns whether the row was still the one that it began with.
    ///
    /// # Errors
    ///
    /// Nobody knows whether it was written: ask again.
    pub async fn settle(&self, settle: Settle) -> Result<bool, Error> {
        let all = |attempts| {
            self.inner.database.write(attempt::SettleAll { owner: self.owner().to_owned(), attempts })
        };
        let again = if let Settlement::Retry { at, .. } = settle.settlement { Some(at) } else { None };
        loop {
            if let Some(answer) = self.inner.settles.write(settle.clone(), all).await {
                if let (Ok(true), Some(at)) = (&answer, again) {
                    self.inner.wake.ring(at);
                }
                return answer;
            }
        }
    }
}

/// Values for the `?` of a statement, in their order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(squall_connect::sql::Value::from($value)),*] };
}
use values;

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Runs a statement that was put together from the constants of this folder, never from what somebody sent.
async fn run(
    connection: &mut Connection<'_>,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, sqlx::Error> {
    connection.execute(AssertSqlSafe(sql), values).await
}

/// [`run`] for the rows it returns.
async fn fetch(
    connection: &mut Connection<'_>,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Row>, sqlx::Error> {
    connection.fetch_all(AssertSqlSafe(sql), values).await
}

/// [`run`] for its first row.
async fn fetch_one(
    connection: &mut Connection<'_>,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Row>, sqlx::Error> {
    connection.fetch_optional(AssertSqlSafe(sql), values).await
}
