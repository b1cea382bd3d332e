//! Why a request got no answer.

use std::fmt;

use super::addresses::NotPublic;
use super::guard::{NoSuchName, Refused};

/// Why a request got no answer, in a sentence that names no address and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    detail: String,
}

/// The kinds of [`Error`] that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection: the request never arrived.
    Connect,
    /// No answer within the time; whether the request arrived is unknown.
    Timeout,
    /// The connection broke off, or the answer was not HTTP; whether the request arrived is unknown.
    Broken,
    /// The request could not be made: it was never sent, and never will be.
    Request,
    /// The address is not public, and the client goes to [public ones](super::Addresses::Public) only: nothing was
    /// sent.
    NotPublic,
    /// A [`Guard`](super::Guard) found no address for the name: nothing was sent.
    NoSuchName,
    /// A [`Guard`](super::Guard) does not let the client go to the address: nothing was sent.
    Refused,
}

impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Nothing came for too long.
    pub(super) fn silence(detail: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Timeout, detail: detail.into() }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        // The address may carry a token; whoever prints the error knows the destination by its name.
        let error = error.without_url();
        // The layers in between say "client error" each in its own way; the deepest knows what happened.
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let kind = if error.is_builder() {
            ErrorKind::Request
        } else if cause.is::<NotPublic>() {
            ErrorKind::NotPublic
        } else if cause.is::<NoSuchName>() {
            ErrorKind::NoSuchName
        } else if cause.is::<Refused>() {
            ErrorKind::Refused
        } else if error.is_connect() {
            // A connection that took too long to be made as well: it was not made.
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Broken
        };
        let detail = cause.to_string();
        Self { kind, detail }
    }
}

impl From<NotPublic> for Error {
    fn from(error: NotPublic) -> Self {
        Self { kind: ErrorKind::NotPublic, detail: error.to_string() }
    }
}

impl From<Refused> for Error {
    fn from(error: Refused) -> Self {
        Self { kind: ErrorKind::Refused, detail: error.to_string() }
    }
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        Self { kind: ErrorKind::Request, detail: error.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Connect => "no connection",
            ErrorKind::Timeout => "no answer in time",
            ErrorKind::Broken => "the connection broke off",
            ErrorKind::Request => "the request cannot be made",
            ErrorKind::NoSuchName => "no address",
            ErrorKind::NotPublic | ErrorKind::Refused => "the request was not sent",
        };
        write!(f, "{what} ({})", self.detail)
    }
}

impl std::error::Error for Error {}
