//! The kinds of errors, told from what each database calls them.

use super::Dialect;

/// The kinds of [`Error`](super::Error) that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The database cannot be opened or created: a missing or unwritable folder, no rights, no such database.
    Unopenable,
    /// The server cannot be reached, or broke off: it comes back by itself. Whether a write was done is unknown.
    Away,
    /// The server does not let this user in, or not do this.
    Denied,
    /// The database can be read but not written.
    ReadOnly,
    /// Somebody else holds a lock for longer than is waited for.
    Locked,
    /// Two transactions were in each other's way, several times in a row; nothing was written.
    Conflict,
    /// A statement took longer than it may; nothing was written.
    Slow,
    /// The file is something else, or damaged.
    NotADatabase,
    /// The disk is full.
    Full,
    /// The schema of the database does not fit this release.
    Schema,
    /// A constraint of the schema was violated; nothing was written.
    Constraint,
    /// The thread of the database is gone: the process is shutting down, or the thread panicked.
    Closed,
    /// Anything else.
    Other,
}

impl ErrorKind {
    pub(super) fn of(dialect: Dialect, error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else {
            return match (dialect, error) {
                (_, sqlx::Error::PoolClosed) | (Dialect::Sqlite, sqlx::Error::WorkerCrashed) => Self::Closed,
                _ => Self::Other,
            };
        };
        match dialect {
            Dialect::Sqlite => {
                Self::of_sqlite(error.code().and_then(|code| code.parse().ok()).unwrap_or_default())
            }
            Dialect::Postgres | Dialect::Mysql => Self::Other,
        }
    }

    /// Reads SQLite's result code (<https://www.sqlite.org/rescode.html>); its low byte is the primary one.
    fn of_sqlite(code: u32) -> Self {
        match code & 0xff {
            3 | 14 | 23 => Self::Unopenable,
            5 | 6 => Self::Locked,
            8 => Self::ReadOnly,
            11 | 26 => Self::NotADatabase,
            13 => Self::Full,
            19 => Self::Constraint,
            _ => Self::Other,
        }
    }
}
