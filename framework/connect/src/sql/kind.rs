//! The kinds of errors, told from what each database calls them.

use sqlx::error::DatabaseError;

use super::Dialect;

/// The kinds of [`Error`](super::Error) that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address of a server is none.
    Address,
    /// The database cannot be opened or created: a missing or unwritable folder, no rights, no such database.
    Unopenable,
    /// The server cannot be reached, or broke off: it comes back by itself. Whether a write was done is unknown.
    Away,
    /// The server takes no more connections.
    Crowded,
    /// The server does not let this user in, or not do this.
    Denied,
    /// The database can be read but not written.
    ReadOnly,
    /// Somebody else holds a lock for longer than is waited for.
    Locked,
    /// Two transactions were in each other's way, several times in a row; nothing was written.
    Conflict,
    /// It took longer than it may. Whether a write was done is unknown.
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
        let error = match (error, dialect) {
            (sqlx::Error::Database(error), _) => error,
            (sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed, Dialect::Sqlite) => return Self::Closed,
            (_, Dialect::Sqlite) => return Self::Other,
            (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_), _) => return Self::Away,
            (sqlx::Error::Configuration(_), _) => return Self::Unopenable,
            _ => return Self::Other,
        };
        match dialect {
            Dialect::Sqlite => {
                Self::of_sqlite(error.code().and_then(|code| code.parse().ok()).unwrap_or_default())
            }
            Dialect::Postgres => Self::of_postgres(&error.code().unwrap_or_default(), error.message()),
            Dialect::Mysql => Self::of_mysql(mysql_number(&**error)),
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

    /// Reads PostgreSQL's SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    fn of_postgres(code: &str, message: &str) -> Self {
        match code {
            // Idle for too long in a transaction, ended by an operator or a crash, starting up or shutting down.
            "25P03" | "57P01" | "57P02" | "57P03" | "57P05" => Self::Away,
            "25006" => Self::ReadOnly,
            "3D000" => Self::Unopenable,
            "40001" | "40P01" => Self::Conflict,
            "0A000" if message.starts_with(STALE) => Self::Conflict,
            "42501" => Self::Denied,
            "53100" => Self::Full,
            "53300" => Self::Crowded,
            "55P03" => Self::Locked,
            "57014" => Self::Slow,
            _ if code.starts_with("08") => Self::Away,
            _ if code.starts_with("23") => Self::Constraint,
            _ if code.starts_with("28") => Self::Denied,
            _ => Self::Other,
        }
    }

    /// Reads the error numbers of MariaDB (<https://mariadb.com/kb/en/mariadb-error-code-reference/>) and MySQL, which
    /// are the same where both have one.
    fn of_mysql(number: u16) -> Self {
        match number {
            1048 | 1062 | 1216 | 1217 | 1364 | 1451 | 1452 | 1557 | 1586 | 3819 | 4025 => Self::Constraint,
            1053 | 1152..=1161 | 1927 | 4031 => Self::Away,
            1290 | 1792 | 1836 => Self::ReadOnly,
            1049 => Self::Unopenable,
            1020 | 1213 => Self::Conflict,
            1044 | 1045 | 1142 | 1143 | 1227 | 1698 => Self::Denied,
            3 | 1021 | 1114 => Self::Full,
            1040 | 1203 | 1226 => Self::Crowded,
            1205 | 3572 => Self::Locked,
            1317 | 1969 | 3024 => Self::Slow,
            _ => Self::Other,
        }
    }
}

/// How PostgreSQL begins to say that somebody changed a table after a statement for it was prepared.
pub(super) const STALE: &str = "cached plan";

/// Whether MariaDB or MySQL says that what a statement makes is there, and what it takes away is gone.
pub(super) fn is_done_already(error: &sqlx::Error) -> bool {
    let number = error.as_database_error().map(mysql_number);
    matches!(number, Some(1050 | 1060 | 1061 | 1062 | 1068 | 1091 | 1826))
}

/// The number of an error: SQLSTATE says less.
#[cfg(feature = "mysql")]
fn mysql_number(error: &dyn DatabaseError) -> u16 {
    error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map_or(0, |error| error.number())
}

#[cfg(not(feature = "mysql"))]
fn mysql_number(_: &dyn DatabaseError) -> u16 {
    0
}
