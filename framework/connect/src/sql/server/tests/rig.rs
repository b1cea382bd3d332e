//! The servers that the tests run on, and what they ask of them.

use std::time::Duration;

use squall_services::{MariaDb, Postgres};

use crate::sql::{Access, Connection, Database, Dialect, Error, ErrorKind, Migration, Options, Value};

pub(super) const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "words",
    sql: |dialect| match dialect {
        Dialect::Mysql => {
            "CREATE TABLE words (word VARCHAR(50) NOT NULL PRIMARY KEY, times BIGINT NOT NULL);
             INSERT INTO words VALUES ('one', 0), ('two', 0);"
        }
        _ => {
            "CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY, times BIGINT NOT NULL);
             INSERT INTO words VALUES ('one', 0), ('two', 0);"
        }
    },
}];

/// Counts a word.
pub(super) const COUNT: &str = "UPDATE words SET times = times + 1 WHERE word = 'one'";

/// A server of either kind.
pub(super) enum Rig {
    Postgres(&'static Postgres),
    OwnPostgres(Postgres),
    MariaDb(&'static MariaDb),
    OwnMariaDb(MariaDb),
}

macro_rules! each {
    ($rig:expr, $server:ident => $what:expr) => {
        match $rig {
            Rig::Postgres($server) => $what,
            Rig::OwnPostgres($server) => $what,
            Rig::MariaDb($server) => $what,
            Rig::OwnMariaDb($server) => $what,
        }
    };
}

impl Rig {
    /// Those that all tests share; fewer where they are not installed.
    pub(super) fn shared() -> Vec<Self> {
        let postgres = Postgres::shared().map(Self::Postgres);
        postgres.into_iter().chain(MariaDb::shared().map(Self::MariaDb)).collect()
    }

    /// Those that one test may stop.
    pub(super) fn own() -> Vec<Self> {
        let postgres = Postgres::start().map(Self::OwnPostgres);
        postgres.into_iter().chain(MariaDb::start().map(Self::OwnMariaDb)).collect()
    }

    /// Starts another one of the same kind.
    pub(super) fn another(&self) -> Self {
        match self {
            Self::Postgres(_) | Self::OwnPostgres(_) => Self::OwnPostgres(Postgres::start().unwrap()),
            Self::MariaDb(_) | Self::OwnMariaDb(_) => Self::OwnMariaDb(MariaDb::start().unwrap()),
        }
    }

    pub(super) fn fresh_database(&self) -> String {
        each!(self, server => server.fresh_database())
    }

    pub(super) fn query(&self, url: &str, sql: &str) -> Vec<Vec<String>> {
        each!(self, server => server.query(url, sql))
    }

    pub(super) fn stop_hard(&self) {
        each!(self, server => server.stop_hard());
    }

    pub(super) fn start_again(&self) {
        each!(self, server => server.start_again());
    }

    pub(super) fn freeze(&self) {
        each!(self, server => server.freeze());
    }

    pub(super) fn thaw(&self) {
        each!(self, server => server.thaw());
    }

    pub(super) fn read_only(&self, on: bool) {
        each!(self, server => server.read_only(on));
    }

    /// Opens a database of its own, with its URL.
    pub(super) async fn open(&self) -> (Database, String) {
        let url = self.fresh_database();
        (open(&[&url]).await.unwrap(), url)
    }
}

pub(super) async fn open(urls: &[&str]) -> Result<Database, Error> {
    Database::open(Options::servers(urls)?, SCHEMA).await
}

/// One statement that writes, with how many rows it wrote.
#[derive(Clone)]
pub(super) struct Write(pub(super) &'static str);

impl Access for Write {
    type Answer = u64;

    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        connection.execute(self.0, []).await
    }
}

/// Several statements that write.
#[derive(Clone)]
pub(super) struct Writes<const N: usize>(pub(super) [&'static str; N]);

impl<const N: usize> Access for Writes<N> {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        for sql in self.0 {
            connection.execute(sql, []).await?;
        }
        Ok(())
    }
}

/// How often a word was counted, if it is there.
#[derive(Clone)]
pub(super) struct Times(pub(super) &'static str);

impl Access for Times {
    type Answer = Option<i64>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<i64>, sqlx::Error> {
        let values: [Value; 1] = [self.0.into()];
        let row = connection.fetch_optional("SELECT * FROM words WHERE word = ?", values).await?;
        row.map(|row| row.int("times")).transpose()
    }
}

/// Asks until the database is back, and fails if it says anything else than that it is away.
pub(super) async fn back(database: &Database) -> Option<i64> {
    loop {
        match database.read(Times("one")).await {
            Ok(times) => return times,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Away, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
