//! The handle to a database.

use std::fmt;

#[cfg(feature = "sqlite")]
use super::file::File;
use super::options::Target;
use super::place::Place;
use super::{Access, Dialect, Error, Migration, Options};

/// A database that can be used from every thread and runtime, durable at every answer.
///
/// A clone is a handle to the same database; with the last one it is closed.
///
/// ```
/// use squall_connect::sql::{Access, Connection, Database, Dialect, Migration, Options};
///
/// const SCHEMA: &[Migration] = &[Migration {
///     version: 1,
///     name: "visits",
///     sql: |dialect| match dialect {
///         Dialect::Sqlite => "CREATE TABLE visits (who TEXT NOT NULL) STRICT;",
///         Dialect::Postgres | Dialect::Mysql => "CREATE TABLE visits (who TEXT NOT NULL);",
///     },
/// }];
///
/// #[derive(Clone)]
/// struct Visit(&'static str);
///
/// impl Access for Visit {
///     type Answer = u64;
///
///     async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
///         connection.execute("INSERT INTO visits VALUES (?)", [self.0.into()]).await
///     }
/// }
///
/// # let dir = tempfile::tempdir().unwrap();
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let database = Database::open(Options::file(dir.path().join("visits.sqlite3")), SCHEMA).await?;
/// assert_eq!(database.write(Visit("ada")).await?, 1);
/// # Ok::<_, squall_connect::sql::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Database {
    place: Place,
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    #[cfg(feature = "sqlite")]
    File(File),
}

impl Database {
    /// Opens a database and brings its schema up to date; a SQLite file is made if it is not there.
    ///
    /// # Errors
    ///
    /// SQLite: the folder is missing or cannot be written to, another process holds a lock for more than five seconds,
    /// or the file is not a database. All: a migration fails.
    pub async fn open(options: Options, schema: &'static [Migration]) -> Result<Self, Error> {
        match options.0 {
            #[cfg(feature = "sqlite")]
            Target::File(path) => {
                let place = Place::new(Dialect::Sqlite, path.display().to_string());
                let engine = Engine::File(File::open(&place, path, schema).await?);
                Ok(Self { place, engine })
            }
        }
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        self.place.dialect()
    }

    /// Runs statements that only read; SQLite does it on a connection that refuses to write.
    ///
    /// Each statement sees what was committed when it began, the second one more than the first.
    ///
    /// # Errors
    ///
    /// A statement failed, or the database is closed.
    ///
    /// # Cancel safety
    ///
    /// What was asked goes on when the future is dropped, and its answer is lost.
    pub async fn read<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        match &self.engine {
            #[cfg(feature = "sqlite")]
            Engine::File(file) => file.read(access).await,
        }
    }

    /// Runs statements that write, in a transaction; returns once it is durable.
    ///
    /// In SQLite, writes that are asked for at the same time share a transaction, and with it the one costly step, the
    /// `fsync`: twenty callers pay for one. One that fails does not undo the others.
    ///
    /// # Errors
    ///
    /// A statement or the commit failed, and nothing was written; or the database is closed.
    ///
    /// # Cancel safety
    ///
    /// A write that was handed over is done although the future is dropped, and its answer is lost.
    pub async fn write<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        match &self.engine {
            #[cfg(feature = "sqlite")]
            Engine::File(file) => file.write(access).await,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("place", &self.place).finish_non_exhaustive()
    }
}
