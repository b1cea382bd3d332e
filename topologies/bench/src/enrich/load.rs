//! The case `load`: more than can be done, while workers are killed, and join and leave.
//!
//! Workers are processes of this very binary, members of one consumer group, which take in so many activities a second
//! at most. They are sent a base rate, with spikes far above that. All the while one of them is killed every few
//! seconds and started again, and another one joins and leaves, in a loop. When all is drained, everything that came
//! out is read and held against what went in: each activity has come out, byte for byte and with all that was to be
//! found out about it; what came out again is counted, and no more than what was under way at the kills.
//!
//! | what | file |
//! |---|---|
//! | how hard, and for how long | `options.rs`, `plan.rs`, `schedule.rs` |
//! | what is sent | `input.rs`, `strange.rs`, `producer.rs` |
//! | who works, and what is done to them | `config.rs`, `worker.rs`, `crew.rs`, `chaos.rs` |
//! | how it stands | `topics.rs`, `look.rs`, `sample.rs`, `kill.rs` |
//! | the case `kafka`, with one worker that nobody disturbs | `throughput.rs` |
//! | what came out | `reader.rs`, `book.rs`, `outcome.rs`, `curve.rs` |

#[cfg(feature = "kafka")]
mod book;
#[cfg(feature = "kafka")]
mod chaos;
#[cfg(feature = "kafka")]
mod config;
#[cfg(feature = "kafka")]
mod crew;
#[cfg(feature = "kafka")]
mod curve;
#[cfg(feature = "kafka")]
mod input;
#[cfg(feature = "kafka")]
mod kill;
#[cfg(feature = "kafka")]
mod look;
mod options;
#[cfg(feature = "kafka")]
mod outcome;
#[cfg(feature = "kafka")]
mod plan;
#[cfg(feature = "kafka")]
mod producer;
#[cfg(feature = "kafka")]
mod reader;
#[cfg(feature = "kafka")]
mod run;
#[cfg(feature = "kafka")]
mod sample;
#[cfg(feature = "kafka")]
mod schedule;
#[cfg(feature = "kafka")]
mod strange;
#[cfg(feature = "kafka")]
mod throughput;
#[cfg(feature = "kafka")]
mod topics;
#[cfg(feature = "kafka")]
mod worker;

pub use options::LoadOptions;
#[cfg(feature = "kafka")]
pub(super) use {run::print, throughput::measure};
