//! What can go wrong with a database, as a sentence for its owner.

use std::fmt;
use std::sync::Arc;

use super::place::Place;
use super::{Dialect, ErrorKind};

/// Why a database could not be opened, read or written: one sentence, with the place and what to do, without a secret.
#[derive(Clone, Debug)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    kind: ErrorKind,
    detail: String,
}

impl Error {
    pub(super) fn new(place: &Place, kind: ErrorKind, detail: impl ToString) -> Self {
        Self { inner: Arc::new(Inner { place: place.clone(), kind, detail: detail.to_string() }) }
    }

    pub(super) fn closed(place: &Place) -> Self {
        Self::new(place, ErrorKind::Closed, "its thread is gone")
    }

    pub(super) fn panicked(place: &Place) -> Self {
        Self::new(place, ErrorKind::Other, "an access to it panicked")
    }

    pub(super) fn of(place: &Place, error: &sqlx::Error) -> Self {
        let detail = match error {
            sqlx::Error::Database(error) => error.message().to_owned(),
            other => other.to_string(),
        };
        Self::new(place, ErrorKind::of(place.dialect(), error), detail)
    }

    /// What happened, without the place.
    #[cfg(feature = "_servers")]
    pub(super) fn detail(&self) -> &str {
        &self.inner.detail
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { place, kind, detail } = &*self.inner;
        let is_file = place.dialect() == Dialect::Sqlite;
        match kind {
            ErrorKind::Unopenable if is_file => {
                write!(
                    f,
                    "cannot open the database {place}: its folder is missing or cannot be written to ({detail})"
                )
            }
            ErrorKind::Unopenable => {
                write!(f, "cannot open the database {place}: make it, or name another one ({detail})")
            }
            ErrorKind::Address => write!(f, "cannot use {place} of the database: {detail}"),
            ErrorKind::Away => {
                write!(f, "the database {place} is away, and is used again as soon as it is back ({detail})")
            }
            ErrorKind::Crowded => {
                write!(f, "the database {place} has no room for another connection: allow it more ({detail})")
            }
            ErrorKind::Denied => {
                write!(
                    f,
                    "the database {place} does not let this user in: check user, password and rights ({detail})"
                )
            }
            ErrorKind::ReadOnly if is_file => {
                write!(f, "cannot write to the database {place}: make it writable ({detail})")
            }
            ErrorKind::ReadOnly => {
                write!(
                    f,
                    "cannot write to the database {place}: name the address of one that takes writes ({detail})"
                )
            }
            ErrorKind::Locked if is_file => {
                write!(
                    f,
                    "the database {place} is locked by another process: end that one and start again ({detail})"
                )
            }
            ErrorKind::Locked => {
                write!(
                    f,
                    "the database {place} has a lock that another transaction holds too long ({detail})"
                )
            }
            ErrorKind::Conflict => {
                write!(
                    f,
                    "the database {place} undid a transaction in favour of others: try again ({detail})"
                )
            }
            ErrorKind::Slow => {
                write!(f, "the database {place} took too long: give it less to do at once ({detail})")
            }
            ErrorKind::NotADatabase => write!(
                f,
                "{place} is not a SQLite database, or is damaged: move it away, or name another place ({detail})"
            ),
            ErrorKind::Full => write!(f, "cannot write to the database {place}: the disk is full ({detail})"),
            ErrorKind::Schema => {
                write!(
                    f,
                    "the database {place} does not fit this release: use the one that wrote it ({detail})"
                )
            }
            ErrorKind::Closed => write!(f, "the database {place} is closed: {detail}"),
            ErrorKind::Constraint | ErrorKind::Other => write!(f, "the database {place} failed: {detail}"),
        }
    }
}

impl std::error::Error for Error {}
