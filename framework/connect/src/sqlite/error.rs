//! What can go wrong with a database file, as a sentence for its owner.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Why a database could not be opened, read or written: one sentence, with the file and what to do.
#[derive(Clone, Debug)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: Box<Path>,
    kind: ErrorKind,
    detail: String,
}

/// The kinds of [`Error`] that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file cannot be opened or created: a missing or unwritable folder, or no rights.
    Unopenable,
    /// The file can be read but not written.
    ReadOnly,
    /// Another process holds a lock for longer than the busy timeout.
    Locked,
    /// The file is something else, or damaged.
    NotADatabase,
    /// The disk is full.
    Full,
    /// The schema of the file does not fit this release.
    Schema,
    /// A constraint of the schema was violated by this one statement.
    Constraint,
    /// The thread of the database is gone: the process is shutting down, or the thread panicked.
    Closed,
    /// Anything else.
    Other,
}

impl Error {
    pub(super) fn new(path: &Path, kind: ErrorKind, detail: impl ToString) -> Self {
        Self { inner: Arc::new(Inner { path: path.into(), kind, detail: detail.to_string() }) }
    }

    pub(super) fn closed(path: &Path) -> Self {
        Self::new(path, ErrorKind::Closed, "its thread is gone")
    }

    pub(super) fn of(path: &Path, error: &sqlx::Error) -> Self {
        let detail = match error {
            sqlx::Error::Database(error) => error.message().to_owned(),
            other => other.to_string(),
        };
        Self::new(path, ErrorKind::of(error), detail)
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }
}

impl ErrorKind {
    /// Reads SQLite's result code (<https://www.sqlite.org/rescode.html>); its low byte is the primary one.
    fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else { return Self::Other };
        let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { path, kind, detail } = &*self.inner;
        let path = path.display();
        match kind {
            ErrorKind::Unopenable => {
                write!(
                    f,
                    "cannot open the database {path}: its folder is missing or cannot be written to ({detail})"
                )
            }
            ErrorKind::ReadOnly => {
                write!(f, "cannot write to the database {path}: make it writable ({detail})")
            }
            ErrorKind::Locked => {
                write!(
                    f,
                    "the database {path} is locked by another process: end that one and start again ({detail})"
                )
            }
            ErrorKind::NotADatabase => write!(
                f,
                "{path} is not a SQLite database, or is damaged: move it away, or name another place ({detail})"
            ),
            ErrorKind::Full => write!(f, "cannot write to the database {path}: the disk is full ({detail})"),
            ErrorKind::Schema => {
                write!(
                    f,
                    "the database {path} does not fit this release: use the one that wrote it ({detail})"
                )
            }
            ErrorKind::Closed => write!(f, "the database {path} is closed: {detail}"),
            ErrorKind::Constraint | ErrorKind::Other => write!(f, "the database {path} failed: {detail}"),
        }
    }
}

impl std::error::Error for Error {}
