//! [`Store`]: what operators see of the past, in the data directory: alerts, and numbers by the minute.
//!
//! Everything in it is bounded: the newest 10,000 alerts, and at most [`MOST_HOURS`] rows of 60 numbers each.

mod alerts;
mod hours;
mod keeper;
#[cfg(test)]
mod tests;

pub(crate) use hours::{Hour, MINUTES, Series};
pub(crate) use keeper::Keeper;

use std::path::{Path, PathBuf};

use squall_connect::sql::{Database, Error, Migration, Options};

use crate::alert::Alert;

/// Its file in the data directory.
const FILE: &str = "operators.sqlite3";

/// How long numbers are kept: five weeks, so that four whole ones can be looked at.
pub(crate) const KEPT_HOURS: i64 = 35 * 24;

/// The most rows of numbers: an hour of one series each, at most [`BYTES_PER_HOUR`] bytes in the file.
pub(crate) const MOST_HOURS: u32 = 200_000;

/// What an hour of one series takes, with its key, its share of the index and of pages that are not full. 200,000 of them
/// are at most 100 MB.
#[cfg(test)]
const BYTES_PER_HOUR: u64 = 500;

const SCHEMA: &[Migration] = &[
    Migration {
        version: 1,
        name: "alerts",
        sql: |_| "CREATE TABLE alerts (id INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT;",
    },
    Migration {
        version: 2,
        name: "hours",
        sql: |_| {
            "CREATE TABLE series (
                id INTEGER NOT NULL PRIMARY KEY,
                topology TEXT NOT NULL,
                component TEXT NOT NULL,
                metric TEXT NOT NULL,
                UNIQUE (topology, component, metric)
            ) STRICT;
            CREATE TABLE hours (
                hour INTEGER NOT NULL,
                series INTEGER NOT NULL,
                minutes BLOB NOT NULL,
                PRIMARY KEY (hour, series)
            ) STRICT, WITHOUT ROWID;"
        },
    },
];

/// What operators see of the past: a SQLite file. A clone is a handle to the same file.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    database: Database,
}

impl Store {
    /// Opens the file in a data directory, and makes it if it is not there.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, Error> {
        Ok(Self { database: Database::open(Options::file(Self::file(data_dir)), SCHEMA).await? })
    }

    /// Where its file is in a data directory.
    pub(crate) fn file(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE)
    }

    /// Opens the file to look at it, while another process may be writing; it must be there.
    pub(crate) async fn open_to_read(data_dir: &Path) -> Result<Self, Error> {
        Ok(Self { database: Database::open(Options::file_to_read(Self::file(data_dir)), SCHEMA).await? })
    }

    /// Writes alerts, and lets go of the oldest.
    pub(crate) async fn keep_alerts(&self, alerts: Vec<Alert>) -> Result<(), Error> {
        self.database.write(alerts::Keep(alerts)).await
    }

    /// All alerts, oldest first.
    pub(crate) async fn alerts(&self) -> Result<Vec<Alert>, Error> {
        self.database.read(alerts::All).await
    }

    /// Writes what was measured in an hour, as far as it has come, and lets go of what is too old or too much.
    pub(crate) async fn keep_hour(&self, hour: i64, rows: Vec<(Series, Hour)>) -> Result<(), Error> {
        self.database.write(hours::Keep { hour, rows, most: MOST_HOURS }).await
    }

    /// What was measured from one hour to another, both included, oldest first.
    pub(crate) async fn hours(&self, from: i64, to: i64) -> Result<Vec<(i64, Series, Hour)>, Error> {
        self.database.read(hours::Between { from, to }).await
    }
}
