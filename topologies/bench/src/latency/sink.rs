//! The last bolt of the latency cases.

use std::{sync::PoisonError, time::Duration};

use hdrhistogram::Histogram;
use squall::prelude::*;

use super::{Latencies, Schedule};

/// A minute in nanoseconds: what takes longer counts as this.
const LONGEST: u64 = Duration::from_secs(60).as_nanos() as u64;

/// An empty histogram of nanoseconds with three significant digits.
#[expect(clippy::expect_used, reason = "bounds and digits are constants that the histogram accepts")]
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds of the histogram are valid")
}

/// Records how long after its instant each tuple arrived.
#[derive(Debug)]
pub(crate) struct Sink {
    schedule: Schedule,
    first: u64,
    own: Histogram<u64>,
    all: Latencies,
}

impl Sink {
    pub(crate) fn new(schedule: Schedule, all: Latencies) -> Self {
        Self { schedule, first: schedule.first(), own: histogram(), all }
    }
}

impl Bolt for Sink {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, due: u64, _out: &mut Output<()>) -> Result<()> {
        if due >= self.first {
            self.own.saturating_record(self.schedule.elapsed().saturating_sub(due));
        }
        Ok(())
    }

    async fn drain(&mut self, _out: &mut Output<()>) -> Result<()> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).add(&self.own)?;
        Ok(())
    }
}
