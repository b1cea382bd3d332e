//! What is no activity, and what failed for good, is put aside.

use std::sync::Arc;

use squall::prelude::*;
use squall::{ConcurrentBolt, Dead};
#[cfg(feature = "kafka")]
use squall_connect::kafka::Record;
use squall_connect::ndjson::{Line, Unreadable};
use tracing::error;

use super::parse::Rejected;
use crate::{Letter, Letters, Tally};

/// What [`DeadLetters`] reads.
#[derive(Clone, Debug, Input)]
pub enum DeadLettersIn {
    /// A line that could not even be read as text.
    Unreadable(Unreadable),
    /// What is no activity.
    Rejected(Rejected),
    /// A line that was read and failed for good.
    Line(Dead<Line>),
    /// A record that was read and failed for good.
    #[cfg(feature = "kafka")]
    Record(Dead<Record>),
}

/// Puts aside what is no activity and what failed for good, with the reason, and counts it. The first of what is no
/// activity is named on standard error, too.
///
/// When it is written, it counts as done in its source: it holds up nothing that came after it. A record without a value
/// is no dead letter: it forgets a key, which nothing here is known by, and is counted and passed over.
#[derive(Debug)]
pub struct DeadLetters {
    letters: Letters,
    tally: Arc<Tally>,
}

impl DeadLetters {
    /// Puts them into `letters`, and counts them in `tally`.
    pub fn new(letters: Letters, tally: Arc<Tally>) -> Self {
        Self { letters, tally }
    }

    async fn reject(&self, rejected: Rejected) -> Result<()> {
        let Rejected { raw, why } = rejected;
        if raw.is_tombstone() {
            self.tally.pass_tombstone();
            return Ok(());
        }
        let sentence = match why.column() {
            Some(_) => format!("{raw}, {why}"),
            None => format!("{raw}: {why}"),
        };
        self.letters.write(&Letter { raw, reason: why.to_string() }).await?;
        self.tally.reject(sentence);
        Ok(())
    }

    async fn give_up<T: Into<crate::Raw>>(&self, dead: Dead<T>) -> Result<()> {
        let reason = dead.to_string();
        for tuple in dead.tuples {
            let letter = Letter { raw: tuple.into(), reason: reason.clone() };
            self.letters.write(&letter).await?;
            error!(reason, "{} has failed for good, and is a dead letter", letter.raw);
            self.tally.give_up();
        }
        Ok(())
    }
}

impl ConcurrentBolt for DeadLetters {
    type In = DeadLettersIn;
    type Out = ();

    async fn execute(&self, input: DeadLettersIn, _: &mut Output<()>) -> Result<()> {
        match input {
            DeadLettersIn::Unreadable(line) => {
                // Its bytes were skipped: there is nothing to keep.
                self.tally.reject(line.to_string());
                Ok(())
            }
            DeadLettersIn::Rejected(rejected) => self.reject(rejected).await,
            DeadLettersIn::Line(dead) => self.give_up(dead).await,
            #[cfg(feature = "kafka")]
            DeadLettersIn::Record(dead) => self.give_up(dead).await,
        }
    }
}
