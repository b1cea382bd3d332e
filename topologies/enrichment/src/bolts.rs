//! The bolts of the pipeline, in its order.

mod detect;
mod parse;
mod rejects;
mod write;

pub use detect::Detect;
pub use parse::{Parse, ParseOut, ParseStreams, Rejected};
pub use rejects::{Rejects, RejectsIn};
pub use write::{Sink, Write};
