//! Activities are written.

use squall::prelude::*;

use crate::{Activity, LineSink};

/// Writes activities, each in one write that is done before its tuple is acked.
#[derive(Debug)]
pub struct Write(LineSink);

impl Write {
    /// Writes to `sink`.
    pub fn new(sink: LineSink) -> Self {
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
