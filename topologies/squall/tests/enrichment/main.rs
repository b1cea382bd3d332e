//! Every activity comes out, with each of its enrichments or the reason why not, whatever happens to the process, to
//! its disk, its clock, its database and its broker.
//!
//! Each test runs the real binary past three enrichers, one of which is a service that fails now and then. At the end
//! everything that came out is held against everything that went in: nothing is missing, nothing is changed but for what
//! was added, and what came twice is no more than what was under way when a process was killed. In a database nothing
//! comes twice.
//!
//! | to see | file |
//! |---|---|
//! | killed at random while something goes into a database | `kills.rs` |
//! | killed at random while a topic goes somewhere | `topic_kills.rs` |
//! | processes that join and leave a group | `members.rs` |
//! | the broker away | `brokers.rs` |
//! | more to do than can be done | `overload.rs` |
//! | the disk full, the clock wrong | `disks.rs`, `clocks.rs` |
//! | what the README says of it | `page.rs` |
//! | what is held against what | `verdict.rs` |
//!
//! What reads topics needs the feature `kafka`. `SQUALL_KILLS` sets how often processes are killed, `SQUALL_ACTIVITIES` how
//! many activities there are, `SQUALL_OUTAGE` for how many seconds a broker is away, and `SQUALL_SEED` repeats a seed that
//! was printed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::indexing_slicing, reason = "a test that is wrong fails")]
#![cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "topics need the rest"))]

#[cfg(feature = "kafka")]
mod brokers;
mod clocks;
mod dice;
mod disks;
mod events;
mod kills;
#[cfg(feature = "kafka")]
mod members;
mod node;
#[cfg(feature = "kafka")]
mod overload;
#[cfg(feature = "kafka")]
mod page;
mod scene;
mod table;
#[cfg(feature = "kafka")]
mod topic;
#[cfg(feature = "kafka")]
mod topic_kills;
mod verdict;
