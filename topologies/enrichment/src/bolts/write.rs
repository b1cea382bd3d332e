//! Activities are written.

use squall::prelude::*;

use crate::{Activity, LineSink};

/// Writes activities, each in one write that is done before its tuple is acked.
#[derive(Debug)]
pub struct Write {
    sink: LineSink,
    line: String,
}

impl Write {
    /// Writes to `sink`.
    pub fn new(sink: LineSink) -> Self {
        Self { sink, line: String::new() }
    }
}

impl SyncBolt for Write {
    type In = Activity;
    type Out = ();

    fn execute(&mut self, activity: Activity, _: &mut Output<()>) -> Result<()> {
        self.sink.write(&activity, &mut self.line)
    }

    fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        self.sink.finish()
    }
}
