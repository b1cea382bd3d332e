//! The bolts of the pipeline, in its order.

mod dead_letters;
mod enrich;
mod join;
mod parse;
mod write;
mod write_table;
#[cfg(feature = "kafka")]
mod write_topic;

pub use dead_letters::{DeadLetters, DeadLettersIn};
pub use enrich::Enrich;
pub use join::{Join, JoinIn};
pub use parse::{Parse, ParseOut, ParseStreams, Rejected, ToEnricher, Waiting};
pub use write::Write;
pub use write_table::WriteTable;
#[cfg(feature = "kafka")]
pub use write_topic::WriteTopic;
