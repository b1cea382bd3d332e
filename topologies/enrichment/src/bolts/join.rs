//! Activities wait for answers, and leave with them.

use std::fmt;

use squall::Anchor;
use squall::prelude::*;

use super::Waiting;
use crate::park::{Joined, Park, Swept};
use crate::{Activity, Answer, Room};

/// What [`Join`] reads, both by their number.
#[derive(Debug, Input)]
pub enum JoinIn {
    /// What waits.
    Waiting(Waiting),
    /// What it waits for.
    Answer(Answer),
}

/// Keeps activities until all that was asked about them is answered, and passes them on.
///
/// It holds a claim on each of them. So one that fails while it waits, because an enricher panicked, say, is delivered
/// again by its source; what is kept of it is let go with the next tick.
pub struct Join(Park<Anchor>);

impl Join {
    /// Keeps them in `room`.
    pub fn new(room: Room) -> Self {
        Self(Park::new(room))
    }
}

impl Bolt for Join {
    type In = JoinIn;
    type Out = Emit<Activity>;

    async fn execute(&mut self, input: JoinIn, out: &mut Output<Emit<Activity>>) -> Result<()> {
        let now = out.uptime();
        let joined = match input {
            JoinIn::Waiting(Waiting { number, activity, wants }) => {
                self.0.activity(number, activity, wants, now, || out.hold())
            }
            JoinIn::Answer(answer) => self.0.answer(answer, now, || out.hold()),
        };
        if let Some(Joined { activity, claim }) = joined {
            // What is in hand has the same root, so the claim that was held is needed no more.
            out.emit(activity);
            if let Some(claim) = claim {
                claim.ack();
            }
        }
        Ok(())
    }

    async fn tick(&mut self, out: &mut Output<Emit<Activity>>) -> Result<()> {
        let Swept { failed, unclaimed } = self.0.sweep(out.uptime(), Anchor::is_failed);
        // They have failed: there is nothing left to decide.
        failed.into_iter().for_each(Anchor::ack);
        for claim in unclaimed {
            claim.refuse(&Error::retryable("there is an answer about an activity that does not come"));
        }
        Ok(())
    }
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").finish_non_exhaustive()
    }
}
