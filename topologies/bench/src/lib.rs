//! `squall bench`: measures the engine beside its limit.
//!
//! Every throughput case runs twice in the same process: on the [`engine`], and as the same [`work`] written by hand
//! over bounded tokio channels ([`limit`]), which imports nothing of Squall. The ratio of the two says what the engine
//! costs. Further cases measure latency at a fixed rate, panics, idleness and a sink that never returns.
//!
//! [`enrich`] measures the enrichment of activities, beside a loop that does the same work without the engine.
//!
//! [`schedule`] measures scheduled messages: how late many are that are due at one instant.

mod bench;
mod case;
mod command;
pub mod engine;
pub mod enrich;
mod error;
mod idle;
pub mod latency;
pub mod limit;
mod options;
mod panics;
mod rebalance;
mod row;
pub mod schedule;
mod stalled;
mod text;
mod throughput;
pub mod usage;
pub mod work;

pub use bench::{print, run};
pub use case::{Load, Outcome, Shape, Tracking};
pub use command::Bench;
pub use error::Error;
pub use options::{Case, Options};
pub use row::{HEADINGS, Row};
pub use text::Text;
