//! Databases behind one handle, for whatever must outlive the process.
//!
//! A [`Database`] is a SQLite file, the embedded default, or a PostgreSQL, MariaDB or MySQL server that several
//! processes share. An [`Access`] holds the statements that belong together, written once with `?` for what is filled
//! in; where the dialects differ, it asks for the [`Dialect`].
//!
//! Nothing here runs on the caller's runtime but on a thread of its own. So a database can be used from every arbiter,
//! from the HTTP server and under virtual time, and a caller that is dropped in the middle breaks nothing.

mod access;
mod connection;
mod database;
mod dialect;
mod error;
#[cfg(feature = "sqlite")]
mod file;
mod half_done;
mod kind;
mod migrations;
mod options;
mod place;
mod placeholders;
mod row;
#[cfg(feature = "_servers")]
mod server;
mod thread;
mod value;

pub use access::Access;
pub use connection::Connection;
pub use database::Database;
pub use dialect::Dialect;
pub use error::Error;
pub use kind::ErrorKind;
pub use migrations::Migration;
pub use options::Options;
pub use row::Row;
pub use value::Value;
