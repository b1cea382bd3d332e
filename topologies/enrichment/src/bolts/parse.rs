//! Lines become activities.

use serde::{Deserialize, Serialize};
use squall::prelude::*;
use squall_connect::ndjson::Line;

use crate::{Activity, Unparsed};

/// The streams of [`Parse`].
#[derive(Debug, Outputs)]
pub struct ParseOut {
    /// What could be read.
    pub activities: Emit<Activity>,
    /// What could not.
    pub rejects: Emit<Rejected>,
}

/// A line that is no activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The number of the line, from 1.
    pub number: u64,
    /// What is wrong with it.
    pub why: Unparsed,
}

/// Reads lines as activities. A line that is none goes its own way and holds nobody up.
#[derive(Clone, Copy, Debug)]
pub struct Parse;

impl Bolt for Parse {
    type In = Line;
    type Out = ParseOut;

    async fn execute(&mut self, line: Line, out: &mut Output<ParseOut>) -> Result<()> {
        match Activity::parse(line.number, line.text()) {
            Ok(activity) => out.activities.emit(activity),
            Err(why) => out.rejects.emit(Rejected { number: line.number, why }),
        }
        Ok(())
    }
}
