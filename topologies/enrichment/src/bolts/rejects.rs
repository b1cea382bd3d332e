//! Lines that are no activities are counted and named.

use std::sync::Arc;

use squall::prelude::*;
use squall_connect::ndjson::Unreadable;

use super::parse::Rejected;
use crate::Tally;

/// What [`Rejects`] reads.
#[derive(Debug, Input)]
pub enum RejectsIn {
    /// A line that could not even be read as text.
    Unreadable(Unreadable),
    /// A line of text that is no activity.
    Rejected(Rejected),
}

/// Counts lines that are no activities, and names the first of them on standard error.
#[derive(Debug)]
pub struct Rejects(Arc<Tally>);

impl Rejects {
    /// Counts them in `tally`.
    pub fn new(tally: Arc<Tally>) -> Self {
        Self(tally)
    }
}

impl Bolt for Rejects {
    type In = RejectsIn;
    type Out = ();

    async fn execute(&mut self, line: RejectsIn, _: &mut Output<()>) -> Result<()> {
        self.0.reject(match line {
            RejectsIn::Unreadable(line) => line.to_string(),
            RejectsIn::Rejected(Rejected { number, why }) if why.column().is_some() => {
                format!("line {number}, {why}")
            }
            RejectsIn::Rejected(Rejected { number, why }) => format!("line {number}: {why}"),
        });
        Ok(())
    }
}
