//! The bolts of the pipeline, in its order.

mod enrich;
mod parse;
mod rejects;
mod write;

pub use enrich::{Enrich, EnrichPassing};
pub use parse::{Parse, ParseOut, ParseStreams, Rejected};
pub use rejects::{Rejects, RejectsIn};
pub use write::{Sink, Write};
