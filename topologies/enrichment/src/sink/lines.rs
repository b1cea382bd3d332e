//! [`LineSink`]: lines that outlive the bolt that writes them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use squall::prelude::*;
use squall_connect::ndjson::{LineOutput, LineSource, OutputError};

use crate::{Activity, Tally};

/// Lines that outlive the bolt that writes them. Clones write to the same output.
#[derive(Clone, Debug)]
pub struct LineSink {
    output: Arc<Mutex<LineOutput>>,
    tally: Arc<Tally>,
    /// The input of a run that ends with it.
    source: Option<LineSource>,
}

impl LineSink {
    pub(super) fn new(output: LineOutput, tally: Arc<Tally>, source: Option<LineSource>) -> Self {
        Self { output: Arc::new(Mutex::new(output)), tally, source }
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
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_line(line.as_bytes()).map_err(|error| self.refuse(error))?;
        self.tally.wrote(activity);
        Ok(())
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
        let Some(source) = &self.source else { return error.into() };
        source.halt(format!("{error}; {} events were written before", self.tally.written()));
        Error::permanent(error)
    }
}
