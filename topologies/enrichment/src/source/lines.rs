//! [`LinesSettings`]: which lines are read.

use std::io;

use serde::Deserialize;
use squall_connect::ndjson::{ATTEMPTS, LINE_LIMIT, LineSource};
use squall_topology::schema::JsonSchema;
use squall_topology::settings::{Size, number};

/// Which lines are read.
///
/// ```toml
/// path = "posts.ndjson"   # or "-" for standard input
/// line_limit = "1MiB"     # a longer line is named and skipped
/// attempts = 3            # deliveries of a line before it counts as failed
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinesSettings {
    /// The file, or `-` for standard input.
    pub path: String,
    /// Bytes that a line may have.
    #[serde(default = "line_limit")]
    pub line_limit: Size,
    /// How often a line is delivered before it counts as failed.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default = "attempts", deserialize_with = "number::between::<_, 1, 100>")]
    pub attempts: usize,
}

fn line_limit() -> Size {
    Size(LINE_LIMIT as u64)
}

fn attempts() -> usize {
    ATTEMPTS as usize
}

impl LinesSettings {
    /// The lines of a file, with the default for all that may be left out.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), line_limit: line_limit(), attempts: attempts() }
    }

    /// Opens the file.
    ///
    /// # Errors
    ///
    /// The file is not there, is a folder, or may not be read.
    pub fn open(&self) -> io::Result<LineSource> {
        LineSource::open(&self.path).map(|source| self.bounded(source))
    }

    /// One that stands in a plan which is not run: nothing is opened.
    pub fn planned(&self) -> LineSource {
        self.bounded(LineSource::new(&self.path, io::empty()))
    }

    fn bounded(&self, source: LineSource) -> LineSource {
        source
            .limit(usize::try_from(self.line_limit.bytes()).unwrap_or(usize::MAX))
            .attempts(u32::try_from(self.attempts).unwrap_or(u32::MAX))
    }
}
