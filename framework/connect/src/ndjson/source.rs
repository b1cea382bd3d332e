//! Where lines come from: a file or standard input.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::lines::{BYTES_UNDER_WAY, Lines, Work};
use super::progress::Progress;
use super::reading::Reading;

/// Bytes a line may have when nothing else is said: 1 MiB.
pub const LINE_LIMIT: usize = 1024 * 1024;

/// How often a line is delivered when nothing else is said.
pub const ATTEMPTS: u32 = 3;

/// The input of a [`Lines`] spout, which outlives the spout.
///
/// A spout that is built again after a panic goes on where the last one stopped, with the lines that were under
/// way; the input is read once.
///
/// ```
/// use squall_connect::ndjson::LineSource;
///
/// let source = LineSource::new("two lines", &b"{}\n{}\n"[..]).limit(1024).attempts(5);
///
/// assert_eq!(source.name(), "two lines");
/// assert_eq!(source.progress().lines(), 0);
/// ```
#[derive(Clone)]
pub struct LineSource {
    name: Arc<str>,
    attempts: u32,
    limit: usize,
    skipped: u64,
    under_way: usize,
    shared: Arc<Shared>,
}

/// What the spouts that are built one after the other have in common.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) progress: Progress,
}

/// Who has the input.
pub(super) enum State {
    /// Nobody has read from it.
    Unread(Box<dyn Read + Send>),
    /// A spout has it, or had it and is gone for good.
    Taken,
    /// A spout that ended gave it back.
    Returned(Box<Work>),
}

impl LineSource {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// The file is not there, is a folder, or may not be read.
    pub fn open(path: &str) -> io::Result<Self> {
        if path == "-" {
            return Ok(Self::new("standard input", io::stdin()));
        }
        let file = File::open(path)?;
        if Path::new(path).is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self::new(path, file))
    }

    /// Takes lines out of `input`; `name` is what errors call it.
    pub fn new(name: &str, input: impl Read + Send + 'static) -> Self {
        Self {
            name: name.into(),
            attempts: ATTEMPTS,
            limit: LINE_LIMIT,
            skipped: 0,
            under_way: BYTES_UNDER_WAY,
            shared: Arc::new(Shared {
                state: Mutex::new(State::Unread(Box::new(input))),
                progress: Progress::default(),
            }),
        }
    }

    /// Sets the bytes that a line may have, [`LINE_LIMIT`] by default. A longer one is named and skipped.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets how often a line is delivered before it counts as failed, [`ATTEMPTS`] by default and at least once.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Begins behind the first `lines` lines, of which everything was done in an earlier run: see
    /// [`Progress::done_to`]. The others keep their numbers.
    #[must_use]
    pub fn skip(mut self, lines: u64) -> Self {
        self.skipped = lines;
        self.shared.progress.skip(lines);
        self
    }

    /// Sets the bytes of lines that may be under way, 32 MiB by default: lines are kept until they are done. One line
    /// may be at any time.
    #[must_use]
    pub fn under_way(mut self, bytes: usize) -> Self {
        self.under_way = bytes;
        self
    }

    /// What errors call this input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far it has been read, and what became of its lines.
    pub fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Ends the topology with the error `why`, for what makes going on useless, such as an output that is full.
    ///
    /// The first reason is kept. A spout that waits for a line from a terminal or a pipe notices it with the next
    /// outcome.
    pub fn halt(&self, why: impl Into<String>) {
        self.shared.progress.halt(why.into());
    }

    /// The spout. Factories call it for every task and at every restart; one task has the input, others end at once.
    pub fn lines(&self) -> Lines {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let work = match std::mem::replace(&mut *state, State::Taken) {
            State::Unread(input) => {
                Some(Box::new(Work::new(Reading::start(&self.name, input, self.limit, self.skipped))))
            }
            State::Returned(work) => Some(work),
            State::Taken => None,
        };
        drop(state);
        Lines::new(work, (self.attempts, self.under_way), Arc::clone(&self.shared))
    }
}

impl fmt::Debug for LineSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineSource")
            .field("name", &self.name)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
