//! The handle to a database.

use std::fmt;

#[cfg(feature = "sqlite")]
use super::file::File;
use super::options::Target;
use super::place::Place;
#[cfg(feature = "_servers")]
use super::server::Server;
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
    #[cfg(feature = "_servers")]
    Server(Server),
}

impl Database {
    /// Opens a database and brings its schema up to date. A SQLite file is made if it is not there, unless it is only read
    /// (`Options::file_to_read`): then its schema stays as it is, too. Several processes may open a database on a server at
    /// once, and one of them changes the schema while the others wait.
    ///
    /// # Errors
    ///
    /// A file: the folder is missing or cannot be written to, another process holds a lock for more than five seconds,
    /// or it is not a database. A server: nobody at its addresses lets us in and takes writes, the
    /// database is not there, or another process migrates it for more than a minute. Both: a migration fails.
    pub async fn open(options: Options, schema: &'static [Migration]) -> Result<Self, Error> {
        let Options { place, target } = options;
        let engine = match target {
            #[cfg(feature = "sqlite")]
            Target::File { path, is_only_read: false } => {
                Engine::File(File::open(&place, path, Some(schema)).await?)
            }
            #[cfg(feature = "sqlite")]
            Target::File { path, is_only_read: true } => Engine::File(File::open(&place, path, None).await?),
            #[cfg(feature = "_servers")]
            Target::Servers(addresses) => Engine::Server(Server::open(&place, addresses, schema).await?),
        };
        Ok(Self { place, engine })
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        self.place.dialect()
    }

    /// How many statements were run since it was opened, those that begin and end a transaction included.
    pub fn statements(&self) -> u64 {
        self.place.statements()
    }

    /// Runs statements that only read; SQLite does it on a connection that refuses to write.
    ///
    /// Each statement sees what was committed when it began, the second one more than the first. On a server it may be
    /// run once more on another connection, if the first is lost.
    ///
    /// # Errors
    ///
    /// A statement failed, or the database is closed. A server is away: see [`write`](Self::write).
    ///
    /// # Cancel safety
    ///
    /// What was asked goes on when the future is dropped, and its answer is lost.
    pub async fn read<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        match &self.engine {
            #[cfg(feature = "sqlite")]
            Engine::File(file) => file.read(access).await,
            #[cfg(feature = "_servers")]
            Engine::Server(server) => server.read(access).await,
        }
    }

    /// Runs statements that write, in a transaction; returns once it is durable.
    ///
    /// In SQLite, writes that are asked for at the same time share a transaction, and with it the one costly step, the
    /// `fsync`: twenty callers pay for one. One that fails does not undo the others. On a server, each has a transaction
    /// of its own with the isolation `READ COMMITTED`, and eight run at once. If it is chosen to be undone by a deadlock,
    /// or waits in vain for a lock, it is run again from its beginning, for some three seconds.
    ///
    /// # Errors
    ///
    /// A statement or the commit failed, and nothing was written; or the database is closed.
    ///
    /// A server that breaks off, or has been silent for six seconds, is [`Away`](super::ErrorKind::Away); whether the
    /// write was done is then unknown. While nobody at its addresses lets us in and takes writes, all calls fail at
    /// once; they are tried again at least once a second. No call takes longer than ten seconds.
    ///
    /// # Cancel safety
    ///
    /// A write that was handed over is done although the future is dropped, and its answer is lost.
    pub async fn write<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        match &self.engine {
            #[cfg(feature = "sqlite")]
            Engine::File(file) => file.write(access).await,
            #[cfg(feature = "_servers")]
            Engine::Server(server) => server.write(access).await,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("place", &self.place).finish_non_exhaustive()
    }
}
