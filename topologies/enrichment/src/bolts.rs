//! The bolts of the pipeline, in its order.

mod enrich;
mod join;
mod parse;
mod rejects;
mod write;

pub use enrich::Enrich;
pub use join::{Join, JoinIn};
pub use parse::{Parse, ParseOut, ParseStreams, Rejected, ToEnricher, Waiting};
pub use rejects::{Rejects, RejectsIn};
pub use write::{Sink, Write};
