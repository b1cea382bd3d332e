//! Feeds that are resumed by a cursor, against servers that do what servers do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics fails")]

mod jetstream;
mod job;
mod log;
mod sql;
mod sse_server;
mod thread;
mod web_socket_server;
mod wikimedia;
