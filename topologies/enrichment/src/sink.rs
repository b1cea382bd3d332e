//! Where activities go.

mod ids;
mod lines;
mod settings;
mod sql;
mod table;
#[cfg(feature = "kafka")]
mod topic;

use std::path::PathBuf;
use std::sync::Arc;

use squall_connect::ndjson::{LineOutput, LineSource};

use crate::halt::Halt;
use crate::{Source, Tally};
pub use ids::{Ids, Places};
pub use lines::LineSink;
pub(crate) use settings::{CAP_LEAST, KINDS, nowhere};
pub use settings::{FilesSettings, SinkSettings};
pub use sql::{SqlOutput, SqlSink};
pub use table::{PostgresSettings, SqliteSettings};
#[cfg(feature = "kafka")]
pub use topic::TopicOutput;

/// Where the activities of a run go.
#[derive(Clone, Debug)]
pub enum Sink {
    /// Lines: a file, a pipe, rotated segments.
    Lines(LineSink),
    /// A table; none where only the plan is wanted.
    Table(Option<SqlOutput>),
    /// A topic.
    #[cfg(feature = "kafka")]
    Topic(TopicOutput, Ids),
}

impl Sink {
    /// The output of a run without an end: a write that fails is tried again with the event, and a stream that nobody reads
    /// any more ends the run.
    pub fn endless(output: LineOutput, tally: Arc<Tally>) -> Self {
        Self::Lines(LineSink::new(output, tally, None))
    }

    /// The output of a run that ends with `source`: a write that fails ends it, and the output is made final when
    /// everything that `source` had is in it.
    pub fn finite(output: LineOutput, tally: Arc<Tally>, source: LineSource) -> Self {
        Self::Lines(LineSink::new(output, tally, Some(source)))
    }

    /// Lines of what comes from `source`, with its end or without one.
    pub(crate) fn of(output: LineOutput, source: &Source, tally: &Arc<Tally>) -> Self {
        match source.lines() {
            Some(lines) => Self::finite(output, Arc::clone(tally), lines.clone()),
            None => Self::endless(output, Arc::clone(tally)),
        }
    }

    /// Why a run without an end ends: when this has a reason.
    pub(crate) fn halt(&self) -> Halt {
        match self {
            Self::Lines(lines) => lines.halt(),
            Self::Table(_) => Halt::default(),
            #[cfg(feature = "kafka")]
            Self::Topic(..) => Halt::default(),
        }
    }

    /// How many activities were in the table already; none where they go elsewhere.
    pub(crate) fn repeated(&self) -> Option<u64> {
        match self {
            Self::Table(output) => output.as_ref().map(SqlOutput::repeated),
            Self::Lines(_) => None,
            #[cfg(feature = "kafka")]
            Self::Topic(..) => None,
        }
    }

    /// Where a file lies as long as it is not final.
    pub fn unfinished(&self) -> Option<PathBuf> {
        match self {
            Self::Lines(lines) => lines.unfinished(),
            Self::Table(_) => None,
            #[cfg(feature = "kafka")]
            Self::Topic(..) => None,
        }
    }
}
