//! Why a connection ended.

use std::fmt;

use crate::http;

/// Why a connection ended or could not be made, in a sentence that names no address and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    kind: ErrorKind,
    detail: String,
}

/// The kinds of [`Error`] that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address is none, or what it had last cannot be said: no connection will ever be made.
    Request,
    /// The server says, with status 204, that nothing follows any more.
    Over,
    /// The server refuses, or what it sends are no events.
    Refused,
    /// No connection, or it broke off, or nothing came for too long.
    Broken,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<http::Error> for Error {
    fn from(error: http::Error) -> Self {
        let kind = match error.kind() {
            http::ErrorKind::Request => ErrorKind::Request,
            _ => ErrorKind::Broken,
        };
        Self::new(kind, error)
    }
}
