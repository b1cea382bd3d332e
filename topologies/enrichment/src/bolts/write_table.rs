//! Activities are written to a table.

use std::sync::Arc;
use std::time::Duration;

use squall::ConcurrentBolt;
use squall::prelude::*;

use crate::{Activity, SqlOutput, Tally};

/// How often it is written how far the source is, if nothing else is written with it.
const PROGRESS: Duration = Duration::from_secs(1);

/// Writes activities to a table, as many together as come together.
#[derive(Debug)]
pub struct WriteTable {
    /// None in a plan that is not run.
    output: Option<SqlOutput>,
    tally: Arc<Tally>,
}

impl WriteTable {
    /// Writes to `output`; without one it stands in a plan that is not run.
    pub fn new(output: Option<SqlOutput>, tally: Arc<Tally>) -> Self {
        Self { output, tally }
    }
}

impl ConcurrentBolt for WriteTable {
    type In = Activity;
    type Out = ();

    async fn execute(&self, activity: Activity, _: &mut Output<()>) -> Result<()> {
        let Some(output) = &self.output else {
            return Err(Error::permanent("this table stands in a plan that is not run"));
        };
        output.write(&activity).await?;
        self.tally.wrote(&activity);
        Ok(())
    }

    /// What a source passes over writes nothing, and still it gets further.
    fn tick_period(&self) -> Option<Duration> {
        Some(PROGRESS)
    }

    async fn tick(&self, _: &mut Output<()>) -> Result<()> {
        match &self.output {
            Some(output) => output.write_progress().await,
            None => Ok(()),
        }
    }

    async fn drain(&self, _: &mut Output<()>) -> Result<()> {
        // What fails here costs the next start some lines that it knows already.
        match &self.output {
            Some(output) => output.write_progress().await,
            None => Ok(()),
        }
    }
}
