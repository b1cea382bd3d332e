//! What the `squall` binary promises to whoever starts and ends it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod configuration;
mod enrichment;
mod guide;
mod inbox;
mod load;
mod messages;
mod process;
mod receiver;
mod reload;
mod rolling_restart;
mod schema;
mod signals;
mod start;
mod systemd;
mod table;
mod thresholds;
