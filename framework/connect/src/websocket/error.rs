//! Why a connection ended.

use std::fmt;

use tokio_tungstenite::tungstenite::error::{CapacityError, Error as Cause};

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
    /// The address is none, or its certificates cannot be checked at all: no connection will ever be made.
    Address,
    /// No connection: nobody is there, or the other side refuses.
    Connect,
    /// The other side answers nothing, not even a ping.
    Silent,
    /// A message is longer than it may be. It would come again over every further connection.
    TooLong,
    /// The connection broke off, or was closed.
    Closed,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Why none could be made.
    pub(super) fn of_connecting(cause: Cause) -> Self {
        match cause {
            Cause::Url(_) | Cause::HttpFormat(_) => {
                Self::new(ErrorKind::Address, format!("the address is no `ws://…` or `wss://…`: {cause}"))
            }
            Cause::Http(answer) => {
                Self::new(ErrorKind::Connect, format!("the server refuses with {}", answer.status()))
            }
            other => Self::new(ErrorKind::Connect, format!("no connection: {other}")),
        }
    }

    /// Why one ended.
    pub(super) fn of_reading(cause: Cause) -> Self {
        match cause {
            Cause::Capacity(CapacityError::MessageTooLong { size, max_size }) => Self::new(
                ErrorKind::TooLong,
                format!("a message of {size} bytes came, and {max_size} are allowed: raise the limit"),
            ),
            other => Self::new(ErrorKind::Closed, format!("the connection broke off: {other}")),
        }
    }
}
