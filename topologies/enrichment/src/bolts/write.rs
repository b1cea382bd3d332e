//! Activities are written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use squall::prelude::*;
use squall_connect::ndjson::{LineOutput, LineSource, OutputError};

use crate::{Activity, Tally};

/// The output of a run, which outlives the bolt that writes to it.
#[derive(Clone, Debug)]
pub struct Sink {
    output: Arc<Mutex<LineOutput>>,
    tally: Arc<Tally>,
    /// The input of a run that ends with it.
    source: Option<LineSource>,
}

impl Sink {
    /// The output of a run without an end: a write that fails is tried again with the event.
    pub fn endless(output: LineOutput, tally: Arc<Tally>) -> Self {
        Self { output: Arc::new(Mutex::new(output)), tally, source: None }
    }

    /// The output of a run that ends with `source`: a write that fails ends it, and the output is made final when
    /// everything that `source` had is in it.
    pub fn finite(output: LineOutput, tally: Arc<Tally>, source: LineSource) -> Self {
        Self { output: Arc::new(Mutex::new(output)), tally, source: Some(source) }
    }

    /// Where the output lies as long as it is not final.
    pub fn unfinished(&self) -> Option<PathBuf> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.unfinished().map(Path::to_owned)
    }

    /// Hands an event to the operating system.
    fn write(&self, activity: &Activity) -> Result<()> {
        let mut json = activity.to_json()?;
        json.push('\n');
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_line(json.as_bytes()).map_err(|error| self.refuse(error))?;
        self.tally.wrote(activity);
        Ok(())
    }

    /// Makes the output final, if all that was to come is in it.
    fn finish(&self) -> Result<()> {
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

/// Writes activities, each in one write that is done before its tuple is acked.
#[derive(Debug)]
pub struct Write(Sink);

impl Write {
    /// Writes to `sink`.
    pub fn new(sink: Sink) -> Self {
        Self(sink)
    }
}

impl SyncBolt for Write {
    type In = Activity;
    type Out = ();

    fn execute(&mut self, activity: Activity, _: &mut Output<()>) -> Result<()> {
        self.0.write(&activity)
    }

    fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        self.0.finish()
    }
}
