//! A database file and the thread that serves it.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};

use super::writer::{self, Job};
use super::{Error, ErrorKind, Migration, migrations};

/// How long a lock of another process is waited for.
const BUSY_TIMEOUT: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(5) };

/// Connections that read; more than there are cores to serve them gain nothing.
const READERS: u32 = 4;

/// Writes that wait for the writer: several full transactions, so that it is never idle while callers are woken.
const WAITING_WRITES: usize = 1024;

/// Statements that belong together, run on one connection of a [`Database`].
///
/// Under [`Database::write`] they share a transaction with those of other callers. A violated constraint undoes the
/// one statement that it is about, nothing before it; any other error undoes the transaction for all of them, and
/// all are told.
pub trait Access: Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Runs the statements.
    ///
    /// # Errors
    ///
    /// Whatever a statement returned.
    fn run(
        self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Answer, sqlx::Error>> + Send;
}

/// A SQLite file in WAL mode, durable at every commit, that can be used from every thread and runtime.
///
/// A clone is a handle to the same file; with the last one the file is closed.
///
/// ```
/// use squall_connect::sqlite::{Access, Database, Migration};
/// use sqlx::SqliteConnection;
///
/// const SCHEMA: &[Migration] =
///     &[Migration { version: 1, name: "visits", sql: "CREATE TABLE visits (who TEXT NOT NULL) STRICT;" }];
///
/// struct Visit(&'static str);
///
/// impl Access for Visit {
///     type Answer = u64;
///
///     async fn run(self, connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
///         let done = sqlx::query("INSERT INTO visits VALUES (?)").bind(self.0).execute(connection).await?;
///         Ok(done.rows_affected())
///     }
/// }
///
/// # let dir = tempfile::tempdir().unwrap();
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let database = Database::open(dir.path().join("visits.sqlite3"), SCHEMA).await?;
/// assert_eq!(database.write(Visit("ada")).await?, 1);
/// # Ok::<_, squall_connect::sqlite::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Database {
    path: Arc<Path>,
    writes: mpsc::Sender<Box<dyn Job>>,
    readers: SqlitePool,
    thread: Handle,
}

impl Database {
    /// Opens a file, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// The folder is missing or cannot be written to, another process holds a lock for more than five seconds, the
    /// file is not a database, or a migration fails.
    pub async fn open(path: impl Into<PathBuf>, schema: &'static [Migration]) -> Result<Self, Error> {
        let path: Arc<Path> = path.into().into();
        let (opened, answer) = oneshot::channel();
        let file = Arc::clone(&path);
        thread::Builder::new()
            .name("squall-sqlite".to_owned())
            .spawn(move || serve(&file, schema, opened))
            .map_err(|error| Error::new(&path, ErrorKind::Other, error))?;
        answer.await.unwrap_or_else(|_| Err(Error::closed(&path)))
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs statements that only read, on a connection that refuses to write.
    ///
    /// # Errors
    ///
    /// A statement failed, or the file is closed.
    ///
    /// # Cancel safety
    ///
    /// What was asked goes on when the future is dropped, and its answer is lost.
    pub async fn read<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        let database = self.clone();
        let reading = self.thread.spawn(async move {
            let mut connection = database.readers.acquire().await?;
            access.run(&mut connection).await
        });
        match reading.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Error::of(&self.path, &error)),
            Err(_) => Err(Error::closed(&self.path)),
        }
    }

    /// Runs statements that write, in a transaction that may be shared with other callers; returns once it is durable.
    ///
    /// # Errors
    ///
    /// A statement or the commit failed, and nothing was written; or the file is closed.
    ///
    /// # Cancel safety
    ///
    /// A write that was handed over is done although the future is dropped, and its answer is lost.
    pub async fn write<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        let (job, answer) = writer::job(access);
        self.writes.send(job).await.map_err(|_| Error::closed(&self.path))?;
        answer.await.unwrap_or_else(|_| Err(Error::closed(&self.path)))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// The body of the database's thread: opens, answers, writes until the last handle is gone.
fn serve(path: &Path, schema: &[Migration], opened: oneshot::Sender<Result<Database, Error>>) {
    let runtime = match Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Whoever asked may be gone: then nobody needs the answer.
            drop(opened.send(Err(Error::new(path, ErrorKind::Other, error))));
            return;
        }
    };
    runtime.block_on(async {
        let mut connection = match connect(path, schema).await {
            Ok(connection) => connection,
            Err(error) => return drop(opened.send(Err(error))),
        };
        let (writes, waiting) = mpsc::channel(WAITING_WRITES);
        // No idle timeout and no lifetime: connections to a file do not age.
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options(path).pragma("query_only", "ON"));
        let pool = readers.clone();
        let database = Database { path: path.into(), writes, readers, thread: Handle::current() };
        drop(opened.send(Ok(database)));
        writer::run(path, &mut connection, waiting).await;
        pool.close().await;
        // Every commit is durable already: closing only tidies up the log beside the file.
        drop(connection.close().await);
    });
}

async fn connect(path: &Path, schema: &[Migration]) -> Result<SqliteConnection, Error> {
    let failed = |error: sqlx::Error| Error::of(path, &error);
    let options = options(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let mut connection = options.connect().await.map_err(failed)?;
    migrations::apply(path, schema, &mut connection).await?;
    // Up to date or not, a start shows at once whether the file can be written.
    sqlx::raw_sql("BEGIN IMMEDIATE; COMMIT").execute(&mut connection).await.map_err(failed)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sqlx::Row;

    use super::*;

    const SCHEMA: &[Migration] = &[Migration {
        version: 1,
        name: "words",
        sql: "CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT;",
    }];

    struct Add(&'static str);

    impl Access for Add {
        type Answer = ();

        async fn run(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
            sqlx::query("INSERT INTO words VALUES (?)").bind(self.0).execute(connection).await?;
            Ok(())
        }
    }

    struct Count;

    impl Access for Count {
        type Answer = i64;

        async fn run(self, connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
            sqlx::query("SELECT count(*) FROM words").fetch_one(connection).await?.try_get(0)
        }
    }

    struct Nonsense;

    impl Access for Nonsense {
        type Answer = ();

        async fn run(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
            sqlx::query("INSERT INTO nowhere VALUES (1)").execute(connection).await?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_a_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");

        let database = Database::open(&path, SCHEMA).await.unwrap();
        database.write(Add("one")).await.unwrap();
        drop(database);

        let database = Database::open(&path, SCHEMA).await.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_violated_constraint_fails_its_own_caller_only() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path().join("words.sqlite3"), SCHEMA).await.unwrap();
        database.write(Add("one")).await.unwrap();

        let (again, other) = tokio::join!(database.write(Add("one")), database.write(Add("two")));

        assert_eq!(again.unwrap_err().kind(), ErrorKind::Constraint);
        other.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn after_a_failed_statement_the_next_write_goes_through() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path().join("words.sqlite3"), SCHEMA).await.unwrap();

        assert_eq!(database.write(Nonsense).await.unwrap_err().kind(), ErrorKind::Other);
        database.write(Add("one")).await.unwrap();

        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path().join("words.sqlite3"), SCHEMA).await.unwrap();

        assert_eq!(database.read(Add("one")).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    }

    #[tokio::test]
    async fn a_missing_folder_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();

        let error = Database::open(dir.path().join("no/words.sqlite3"), SCHEMA).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Unopenable);
        assert!(error.to_string().contains("no/words.sqlite3: its folder is missing"), "{error}");
    }

    #[tokio::test]
    async fn a_file_of_something_else_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        fs::write(&path, "Dear diary, ".repeat(1000)).unwrap();

        let error = Database::open(&path, SCHEMA).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::NotADatabase);
        assert!(error.to_string().contains("is not a SQLite database"), "{error}");
    }

    #[tokio::test]
    async fn a_locked_file_is_one_sentence_and_serves_again_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        let database = Database::open(&path, SCHEMA).await.unwrap();
        let mut other = options(&path).connect().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

        let writing = database.write(Add("one")).await.unwrap_err();
        let opening = Database::open(&path, SCHEMA).await.unwrap_err();
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();

        assert_eq!(writing.kind(), ErrorKind::Locked);
        assert_eq!(opening.kind(), ErrorKind::Locked);
        assert!(opening.to_string().contains("is locked by another process"), "{opening}");
        database.write(Add("one")).await.unwrap();
    }

    #[tokio::test]
    async fn a_step_that_was_edited_after_its_release_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        drop(Database::open(&path, SCHEMA).await.unwrap());

        const EDITED: &[Migration] =
            &[Migration { version: 1, name: "words", sql: "CREATE TABLE words (w INT) STRICT;" }];
        let error = Database::open(&path, EDITED).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Schema);
    }

    #[tokio::test]
    async fn a_schema_of_a_newer_release_is_still_served() {
        const NEWER: &[Migration] = &[
            SCHEMA[0],
            Migration { version: 2, name: "more", sql: "ALTER TABLE words ADD COLUMN more TEXT;" },
        ];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        drop(Database::open(&path, NEWER).await.unwrap());

        let database = Database::open(&path, SCHEMA).await.unwrap();

        assert_eq!(database.read(Count).await.unwrap(), 0);
    }
}
