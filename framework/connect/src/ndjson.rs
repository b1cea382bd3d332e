//! Newline-delimited JSON: a spout that reads lines, outputs that write them.
//!
//! Nothing here looks into a line. [`LineSource`] is a file or standard input, and [`Lines`] the spout that emits
//! its lines, each a root with its number; [`LineOutput`] is where a bolt writes lines to.

mod file;
mod line;
mod lines;
mod output;
mod progress;
mod reader;
mod reading;
mod rotating;
mod source;

pub use file::FileOutput;
pub use line::{Line, LineFault, Unreadable};
pub use lines::{Lines, LinesOut, LinesStreams, Tracked};
pub use output::{LineOutput, OutputError, StreamOutput};
pub use progress::Progress;
pub use rotating::{RotatingOutput, TOTAL_BYTES};
pub use source::{ATTEMPTS, LINE_LIMIT, LineSource};
