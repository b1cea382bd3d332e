//! What the `squall` binary promises to whoever starts and ends it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod configuration;
mod load;
mod process;
mod receiver;
mod reload;
mod rolling_restart;
mod schema;
mod signals;
mod start;
mod thresholds;
