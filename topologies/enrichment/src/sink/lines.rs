//! [`LineSink`]: lines that outlive the bolt that writes them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use squall::prelude::*;
use squall_connect::ndjson::{LineOutput, LineSource, OutputError};
use tracing::{info, warn};

use crate::halt::Halt;
use crate::{Activity, Tally};

/// After which time a write that failed is tried again.
const AGAIN: Duration = Duration::from_millis(250);

/// After how many tries it is said again: every minute.
const SAID_EVERY: u32 = 240;

/// Lines that outlive the bolt that writes them. Clones write to the same output.
#[derive(Clone, Debug)]
pub struct LineSink {
    output: Arc<Mutex<LineOutput>>,
    tally: Arc<Tally>,
    /// The input of a run that ends with it.
    source: Option<LineSource>,
    is_segments: bool,
    /// Ends a run without an end.
    halt: Halt,
    /// Whether it was said that a stream cannot be written to, and is still so.
    is_said: Arc<AtomicBool>,
}

impl LineSink {
    pub(super) fn new(output: LineOutput, tally: Arc<Tally>, source: Option<LineSource>) -> Self {
        let is_segments = matches!(output, LineOutput::Rotating(_));
        let output = Arc::new(Mutex::new(output));
        Self { output, tally, source, is_segments, halt: Halt::default(), is_said: Arc::default() }
    }

    pub(super) fn halt(&self) -> Halt {
        self.halt.clone()
    }

    pub(super) fn unfinished(&self) -> Option<PathBuf> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.unfinished().map(Path::to_owned)
    }

    /// Hands an event to the operating system. `line` is for its bytes.
    pub(crate) fn write(&self, activity: &Activity, line: &mut String) -> Result<()> {
        line.clear();
        activity.push_json(line)?;
        line.push('\n');
        self.write_or_wait(line.as_bytes()).map_err(|error| self.refuse(error))?;
        if self.is_said.load(Relaxed) && self.is_said.swap(false, Relaxed) {
            info!("activities are written again");
        }
        self.tally.wrote(activity);
        Ok(())
    }

    /// Waits as long as segments cannot be written: that is no fault of this event's, and what follows could not be written
    /// either. Meanwhile nothing further is read.
    fn write_or_wait(&self, line: &[u8]) -> Result<(), OutputError> {
        for failures in 0_u32.. {
            let Err(error) = self.hand_over(line) else {
                if failures > 0 {
                    info!("activities are written again");
                }
                break;
            };
            if !self.may_pass(&error) {
                return Err(error);
            }
            if failures % SAID_EVERY == 0 {
                warn!("{error}; nothing is lost, and nothing further is read until it can be written");
            }
            thread::sleep(AGAIN);
        }
        Ok(())
    }

    fn hand_over(&self, line: &[u8]) -> Result<(), OutputError> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).write_line(line)
    }

    /// What goes to a pipe may have no reader any more, and a line that is too long stays so.
    fn may_pass(&self, error: &OutputError) -> bool {
        self.is_segments && error.kind() != io::ErrorKind::FileTooLarge
    }

    /// Makes the output final, if all that was to come is in it.
    pub(crate) fn finish(&self) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let progress = source.progress();
        if !progress.ended() || progress.halted().is_some() || progress.failed() > 0 {
            return Ok(());
        }
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.finish().map_err(|error| self.refuse(error))
    }

    fn refuse(&self, error: OutputError) -> Error {
        let Some(source) = &self.source else {
            return self.refuse_endless(error);
        };
        source.halt(self.why(&error));
        Error::permanent(error)
    }

    fn refuse_endless(&self, error: OutputError) -> Error {
        match error.kind() {
            io::ErrorKind::FileTooLarge => return Error::permanent(error),
            // Nobody will read it again. The event is no dead letter: a feed gives it again at the next start.
            io::ErrorKind::BrokenPipe => self.halt.halt(self.why(&error)),
            _ if self.is_said.swap(true, Relaxed) => {}
            _ => warn!(
                "{error}; each activity is tried some times, and this is said once until one is written"
            ),
        }
        error.into()
    }

    fn why(&self, error: &OutputError) -> String {
        format!("{error}; {} events were written before", self.tally.written())
    }
}
