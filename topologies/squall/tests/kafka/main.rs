//! What the `squall` binary promises to whoever reads topics with it and writes to them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod letters;
#[path = "../binary/process.rs"]
#[allow(dead_code, reason = "the tests without Kafka use all of it")]
mod process;
mod restarts;
#[path = "../binary/table.rs"]
mod table;
mod tables;
mod topics;
mod wiring;
