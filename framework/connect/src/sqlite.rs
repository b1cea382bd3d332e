//! SQLite as the embedded default for whatever must outlive the process.
//!
//! A [`Database`] is a file with one writer and a few readers on a thread of its own. Writes that are asked for at the
//! same time share a transaction, and with it the one costly step, the `fsync`: twenty callers pay for one.
//! Since nothing here runs on the caller's runtime, it can be used from every arbiter, from the HTTP server and
//! under virtual time, and a caller that is dropped in the middle breaks nothing.

mod database;
mod error;
mod migrations;
mod writer;

pub use database::{Access, Database};
pub use error::{Error, ErrorKind};
pub use migrations::Migration;
