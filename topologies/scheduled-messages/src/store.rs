//! The messages: one row each, which is the truth and the queue.

mod deliveries;
mod query;
mod row;
mod schema;
mod state;

pub use deliveries::{Delivery, KEPT_DELIVERIES, NewDelivery};
pub use query::Upcoming;
pub use state::{Begun, Inserted, Request, Settlement};

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use squall_connect::sql::{Database, Error, Options};

use crate::message::{Message, MessageId, NewMessage};
use crate::wake::Wake;

/// The messages in a SQLite file, for one process.
///
/// A clone is a handle to the same file.
///
/// ```
/// use jiff::Timestamp;
/// use squall_scheduled_messages::{NewMessage, State, Store};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = Store::open(dir.path().join("messages.sqlite3")).await?;
/// let message = NewMessage {
///     account: "me".into(),
///     destination: "inbox".into(),
///     text: "Hello".into(),
///     due_at: Timestamp::now(),
/// };
/// let id = store.insert(message).await?.id;
/// assert_eq!(store.get(id).await?.unwrap().state, State::Scheduled);
/// # Ok::<_, squall_connect::sql::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    wake: Arc<Wake>,
}

impl Store {
    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// See [`Database::open`].
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let database = Database::open(Options::file(path), schema::SCHEMA).await?;
        Ok(Self { database, wake: Arc::default() })
    }

    /// Stores a message, and tells the spout.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not stored.
    pub async fn insert(&self, message: NewMessage) -> Result<Message, Error> {
        let insert = state::Insert { id: MessageId::new(), message, now: Timestamp::now() };
        let message = self.database.write(insert).await?;
        self.wake.ring(message.due_at);
        Ok(message)
    }

    /// Stores the message of a request, and tells the spout, unless a request with the same key came before.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not stored.
    pub async fn insert_once(&self, message: NewMessage, request: Request) -> Result<Inserted, Error> {
        let insert = state::Insert { id: MessageId::new(), message, now: Timestamp::now() };
        let inserted = self.database.write(state::InsertOnce { insert, request }).await?;
        if let Inserted::New(message) = &inserted {
            self.wake.ring(message.due_at);
        }
        Ok(inserted)
    }

    /// What a request with the same key stored before, if there was one: never [`Inserted::New`].
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn known(&self, request: Request) -> Result<Option<Inserted>, Error> {
        self.database.read(state::Known(request)).await
    }

    /// Looks a message up.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn get(&self, id: MessageId) -> Result<Option<Message>, Error> {
        self.database.read(query::Get(id)).await
    }

    /// Returns at most `limit` unfinished messages behind the place `after` in the order of their instants, up to `until`.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn look(
        &self,
        after: (Timestamp, MessageId),
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Upcoming>, Error> {
        self.database.read(query::Look { after, until, limit }).await
    }

    /// Marks a message as being sent, if it still is at `version` and began less than `attempts` times.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn begin(&self, id: MessageId, version: i64, attempts: u32) -> Result<Begun, Error> {
        self.database.write(state::Begin { id, version, attempts }).await
    }

    /// Writes down how an attempt ended, and returns whether the row was still at `version`, the one that
    /// [`begin`](Self::begin) returned.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn settle(&self, id: MessageId, version: i64, settlement: Settlement) -> Result<bool, Error> {
        let again = if let Settlement::Retry { at, .. } = settlement { Some(at) } else { None };
        let settled = self.database.write(state::Settle { id, version, settlement }).await?;
        if let Some(at) = again.filter(|_| settled) {
            self.wake.ring(at);
        }
        Ok(settled)
    }

    /// Keeps what arrived in the built-in inbox; returns whether it is the first copy.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn receive(&self, delivery: NewDelivery) -> Result<bool, Error> {
        self.database.write(deliveries::Receive { delivery, now: Timestamp::now() }).await
    }

    /// Returns what arrived in the built-in inbox, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn received(&self, limit: u32) -> Result<Vec<Delivery>, Error> {
        self.database.read(deliveries::Newest { limit }).await
    }

    pub(crate) fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }
}
