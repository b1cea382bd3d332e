//! What the `squall` binary promises to whoever starts and ends it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod configuration;
mod process;
mod reload;
mod schema;
mod signals;
mod start;
