//! A SQLite file: one writer and a few readers on a thread of its own.

mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection as _};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use self::writer::Job;
use super::place::Place;
use super::{Access, Connection, Error, ErrorKind, Migration, migrations, thread};

/// How long a lock of another process is waited for.
const BUSY_TIMEOUT: Duration = if cfg!(test) { Duration::from_millis(500) } else { Duration::from_secs(5) };

/// Connections that read; more than there are cores to serve them gain nothing.
const READERS: u32 = 4;

/// Writes that wait for the writer: several full transactions, so that it is never idle while callers are woken.
const WAITING_WRITES: usize = 1024;

/// A SQLite file in WAL mode, durable at every commit.
#[derive(Clone)]
pub(super) struct File {
    place: Place,
    writes: mpsc::Sender<Box<dyn Job>>,
    readers: AnyPool,
    thread: Handle,
}

impl File {
    /// Without a schema it is only read.
    pub(super) async fn open(
        place: &Place,
        path: PathBuf,
        schema: Option<&'static [Migration]>,
    ) -> Result<Self, Error> {
        let served = place.clone();
        thread::serve(place, move |opened| async move { serve(&served, &path, schema, opened).await }).await
    }

    pub(super) async fn read<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        let file = self.clone();
        let reading = self.thread.spawn(async move {
            let mut backend = file.readers.acquire().await.map_err(|error| Error::of(&file.place, &error))?;
            let mut connection = Connection::lent_to::<A>(&mut backend, &file.place, None);
            let result = access.run(&mut connection).await;
            connection.outcome(result)
        });
        thread::ended(&self.place, reading.await)
    }

    pub(super) async fn write<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        let (job, answer) = writer::job(access);
        self.writes.send(job).await.map_err(|_| Error::closed(&self.place))?;
        answer.await.unwrap_or_else(|_| Err(Error::closed(&self.place)))
    }
}

/// The body of the file's thread: opens, answers, writes until the last handle is gone.
async fn serve(
    place: &Place,
    path: &Path,
    schema: Option<&[Migration]>,
    opened: oneshot::Sender<Result<File, Error>>,
) {
    let (mut connection, readers) = match connect(place, path, schema).await {
        Ok(connections) => connections,
        // Whoever asked may be gone: then nobody needs the answer.
        Err(error) => return drop(opened.send(Err(error))),
    };
    let (writes, waiting) = mpsc::channel(WAITING_WRITES);
    let pool = readers.clone();
    let file = File { place: place.clone(), writes, readers, thread: Handle::current() };
    drop(opened.send(Ok(file)));
    writer::run(place, &mut connection, waiting).await;
    pool.close().await;
    // Every commit is durable already: closing only tidies up the log beside the file.
    drop(connection.close().await);
}

async fn connect(
    place: &Place,
    path: &Path,
    schema: Option<&[Migration]>,
) -> Result<(AnyConnection, AnyPool), Error> {
    let failed = |error: sqlx::Error| Error::of(place, &error);
    let Some(options) = options(path, if schema.is_some() { "rwc" } else { "ro" }) else {
        return Err(Error::new(place, ErrorKind::Unopenable, "its name is not UTF-8"));
    };
    let mut connection = options.connect().await.map_err(failed)?;
    if let Some(schema) = schema {
        set(&mut connection, "PRAGMA journal_mode = WAL").await.map_err(failed)?;
        migrations::apply(place, schema, &mut connection).await?;
        // Up to date or not, a start shows at once whether the file can be written.
        sqlx::raw_sql("BEGIN IMMEDIATE; COMMIT").execute(&mut connection).await.map_err(failed)?;
    } else {
        // Whether it is a database at all shows when it is first read.
        sqlx::raw_sql("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await.map_err(failed)?;
    }
    // No idle timeout and no lifetime: connections to a file do not age.
    let readers = AnyPoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(set(connection, "PRAGMA query_only = ON")))
        .connect_lazy_with(options);
    Ok((connection, readers))
}

/// The address of a file, with every sign in its path that could mean something else there written as a number.
fn options(path: &Path, mode: &str) -> Option<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    let mut url = "sqlite:".to_owned();
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    url.parse().ok().map(AnyConnectOptions::disable_statement_logging)
}

/// Makes the settings of a connection.
async fn set(connection: &mut AnyConnection, last: &'static str) -> Result<(), sqlx::Error> {
    let busy = BUSY_TIMEOUT.as_millis();
    let settings = AssertSqlSafe(format!("PRAGMA busy_timeout = {busy}; {last}; PRAGMA synchronous = FULL"));
    sqlx::raw_sql(settings).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::sql::{Database, Dialect, Options};

    fn words(_: Dialect) -> &'static str {
        "CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT;"
    }

    const SCHEMA: &[Migration] = &[Migration { version: 1, name: "words", sql: words }];

    async fn open(path: impl Into<PathBuf>) -> Result<Database, Error> {
        Database::open(Options::file(path), SCHEMA).await
    }

    #[derive(Clone)]
    struct Add(&'static str);

    impl Access for Add {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO words VALUES (?)", [self.0.into()]).await?;
            Ok(())
        }
    }

    #[derive(Clone)]
    struct Count;

    impl Access for Count {
        type Answer = i64;

        async fn run(self, connection: &mut Connection<'_>) -> Result<i64, sqlx::Error> {
            let row = connection.fetch_optional("SELECT count(*) AS words FROM words", []).await?;
            row.ok_or(sqlx::Error::RowNotFound)?.int("words")
        }
    }

    #[derive(Clone)]
    struct Nonsense;

    impl Access for Nonsense {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO nowhere VALUES (1)", []).await?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_a_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");

        let database = open(&path).await.unwrap();
        database.write(Add("one")).await.unwrap();
        drop(database);

        let database = open(&path).await.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_violated_constraint_fails_its_own_caller_only() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();
        database.write(Add("one")).await.unwrap();

        let (again, other) = tokio::join!(database.write(Add("one")), database.write(Add("two")));

        assert_eq!(again.unwrap_err().kind(), ErrorKind::Constraint);
        other.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn after_a_failed_statement_the_next_write_goes_through() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();

        assert_eq!(database.write(Nonsense).await.unwrap_err().kind(), ErrorKind::Other);
        database.write(Add("one")).await.unwrap();

        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();

        assert_eq!(database.read(Add("one")).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    }

    #[tokio::test]
    async fn what_is_only_read_is_neither_made_nor_written_while_another_process_writes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        let to_read = async || Database::open(Options::file_to_read(&path), &[]).await;
        assert_eq!(to_read().await.unwrap_err().kind(), ErrorKind::Unopenable);
        assert!(!path.exists());

        let database = open(&path).await.unwrap();
        database.write(Add("one")).await.unwrap();
        let reader = to_read().await.unwrap();
        let mut other = options(&path, "rwc").unwrap().connect().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

        assert_eq!(reader.read(Count).await.unwrap(), 1);
        assert_eq!(reader.write(Add("two")).await.unwrap_err().kind(), ErrorKind::ReadOnly);
        drop((database, other, reader));
        assert_eq!(to_read().await.unwrap().read(Count).await.unwrap(), 1, "when nobody writes, too");
    }

    #[tokio::test]
    async fn a_missing_folder_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();

        let error = open(dir.path().join("no/words.sqlite3")).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Unopenable);
        assert!(error.to_string().contains("no/words.sqlite3: its folder is missing"), "{error}");
    }

    #[tokio::test]
    async fn a_file_of_something_else_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        fs::write(&path, "Dear diary, ".repeat(1000)).unwrap();

        let error = open(&path).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::NotADatabase);
        assert!(error.to_string().contains("is not a SQLite database"), "{error}");
    }

    #[tokio::test]
    async fn a_locked_file_is_one_sentence_and_serves_again_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        let database = open(&path).await.unwrap();
        let mut other = options(&path, "rwc").unwrap().connect().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

        let writing = database.write(Add("one")).await.unwrap_err();
        let opening = open(&path).await.unwrap_err();
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
        drop(open(&path).await.unwrap());

        const EDITED: &[Migration] =
            &[Migration { version: 1, name: "words", sql: |_| "CREATE TABLE words (w INT) STRICT;" }];
        let error = Database::open(Options::file(&path), EDITED).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Schema);
    }

    #[tokio::test]
    async fn a_schema_of_a_newer_release_is_still_served() {
        const NEWER: &[Migration] = &[
            SCHEMA[0],
            Migration { version: 2, name: "more", sql: |_| "ALTER TABLE words ADD COLUMN more TEXT;" },
        ];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.sqlite3");
        drop(Database::open(Options::file(&path), NEWER).await.unwrap());

        let database = open(&path).await.unwrap();

        assert_eq!(database.read(Count).await.unwrap(), 0);
    }

    /// Adds both, or neither.
    #[derive(Clone)]
    struct AddBoth(&'static str, &'static str);

    impl Access for AddBoth {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO words VALUES (?)", [self.0.into()]).await?;
            // What it makes of the error is of no account.
            drop(connection.execute("INSERT INTO words VALUES (?)", [self.1.into()]).await);
            Ok(())
        }
    }

    #[tokio::test]
    async fn an_access_is_done_as_a_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();
        database.write(Add("one")).await.unwrap();

        let (both, other) = tokio::join!(database.write(AddBoth("two", "one")), database.write(Add("three")));

        assert_eq!(both.unwrap_err().kind(), ErrorKind::Constraint);
        other.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 2);
    }

    /// Says that it has one statement, and has two.
    #[derive(Clone)]
    struct Liar;

    impl Access for Liar {
        type Answer = ();

        const SINGLE: bool = true;

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO words VALUES ('one')", []).await?;
            connection.execute("INSERT INTO words VALUES ('two')", []).await?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_second_statement_is_refused_where_one_was_announced() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();

        let error = database.write(Liar).await.unwrap_err();

        assert!(error.to_string().contains("SINGLE"), "{error}");
        assert_eq!(database.read(Count).await.unwrap(), 0);
    }

    /// Leaves no room for more than is there already.
    #[derive(Clone)]
    struct Narrow;

    impl Access for Narrow {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.fetch_all("PRAGMA max_page_count = 1", []).await?;
            Ok(())
        }
    }

    /// Adds a long word behind a short one.
    #[derive(Clone)]
    struct AddLong(&'static str);

    impl Access for AddLong {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO words VALUES (?)", [self.0.into()]).await?;
            connection.execute("INSERT INTO words VALUES (hex(zeroblob(100000)))", []).await?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_full_disk_undoes_what_does_not_fit() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();
        database.write(Narrow).await.unwrap();

        let error = database.write(AddLong("one")).await.unwrap_err();
        database.write(Add("two")).await.unwrap();

        assert_eq!(error.kind(), ErrorKind::Full);
        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    /// Adds a word, and panics.
    #[derive(Clone)]
    struct Panic;

    impl Access for Panic {
        type Answer = ();

        async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
            connection.execute("INSERT INTO words VALUES ('one')", []).await?;
            panic!("as it was told to");
        }
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_caller_only() {
        let dir = tempfile::tempdir().unwrap();
        let database = open(dir.path().join("words.sqlite3")).await.unwrap();

        let (panicked, other) = tokio::join!(database.write(Panic), database.write(Add("two")));

        assert!(panicked.unwrap_err().to_string().contains("panicked"));
        other.unwrap();
        assert_eq!(database.read(Count).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_path_with_every_sign_is_taken_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a ü%20?#&");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("../a ü%20?#&/words?mode=ro.sqlite3");

        let database = open(&path).await.unwrap();
        database.write(Add("one")).await.unwrap();

        assert!(path.exists());
    }
}
