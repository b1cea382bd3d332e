//! No message is lost, doubled or answered untruly, whenever the process is killed.
//!
//! Each test runs the real binary, on SQLite one process and on PostgreSQL and MariaDB two, against a receiver behind a
//! proxy that loses answers to requests that arrived. Half of the messages are edited or cancelled around the instant
//! at which all are due. At the end every row, every answer that an author got and every request that the receiver saw
//! are held against each other.
//!
//! | to see | file |
//! |---|---|
//! | killed at each labelled point | `points.rs` |
//! | killed at random, again and again | `kills.rs` |
//! | the same against a real PDS, and a mock of Mastodon | `networks.rs` |
//! | the database away, the clock wrong, the disk full | `outages.rs`, `clocks.rs`, `disks.rs` |
//! | killed while the schema changes | `migrations.rs` |
//! | what is held against what | `verdict.rs` |
//!
//! `SQUALL_POINTS` sets how many points of the twenty are passed on each store, `SQUALL_KILLS` how often each store's
//! processes are killed at random, `SQUALL_MESSAGES` how many messages are due then, `SQUALL_OUTAGE` for how many seconds a
//! database is away, and `SQUALL_SEED` repeats a seed that was printed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::indexing_slicing, reason = "a test that is wrong fails")]

mod asked;
mod author;
mod binary;
mod client;
mod clocks;
mod dice;
mod disks;
mod kills;
mod migrations;
mod networks;
mod node;
mod outages;
mod points;
mod scene;
mod store;
mod verdict;
