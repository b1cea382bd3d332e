//! Lines become activities, and questions about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use squall::prelude::*;
use tokio::time::sleep_until;

use crate::{Activity, Capacity, Enrichers, Question, Raw, Room, Unparsed};

/// The streams of [`Parse`].
#[derive(Debug, Outputs)]
pub struct ParseOut {
    /// What has to wait for nothing.
    pub ready: Emit<Activity>,
    /// What has to wait for answers.
    pub waiting: Emit<Waiting>,
    /// What is asked about it.
    pub asked: Emit<ToEnricher>,
    /// What could not be read.
    pub rejects: Emit<Rejected>,
}

/// An activity that has to wait for answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The number of the questions about it.
    pub number: u64,
    /// What they are about.
    pub activity: Activity,
    /// How many answers it has when it is complete, with those that it has already.
    pub wants: usize,
}

/// A question on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToEnricher {
    /// Whom it is for: a place among the [`Enrichers`], from 0.
    pub to: usize,
    /// What is asked.
    pub question: Question,
}

/// What is no activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// What came, and where it lies.
    pub raw: Raw,
    /// What is wrong with it.
    pub why: Unparsed,
}

/// Reads activities, adds what enrichers know at once, and asks them about the rest. What is no activity goes its own way
/// and holds nobody up.
///
/// It reads as many as its [`Capacity`] allows, and nothing while the [`Room`] is full. What answers need never comes
/// through here, so that room is made meanwhile.
///
/// Every activity gets a number of its own, and another one when it is delivered again: what was asked in vain is never
/// taken for an answer to what is asked now.
#[derive(Clone, Debug)]
pub struct Parse {
    enrichers: Enrichers,
    room: Room,
    capacity: Capacity,
    numbers: Arc<AtomicU64>,
}

impl Parse {
    /// Asks `enrichers`. Clones give out numbers together.
    pub fn new(enrichers: Enrichers, room: Room, capacity: Capacity) -> Self {
        Self { enrichers, room, capacity, numbers: Arc::new(AtomicU64::new(1)) }
    }

    /// Enriches an activity with what is known at once, and asks for the rest.
    fn ask(&self, mut activity: Activity, out: &mut Output<ParseOut>) {
        let (mut number, mut wants) = (0, 0);
        for (to, named) in self.enrichers.iter().enumerate() {
            let Some(mut question) = named.question(&activity) else { continue };
            wants += 1;
            if let Some(outcome) = named.at_once(&question) {
                activity.enrichments.insert(named.name(), outcome);
                continue;
            }
            if number == 0 {
                number = self.numbers.fetch_add(1, Ordering::Relaxed);
            }
            question.number = number;
            out.asked.emit(ToEnricher { to, question });
        }
        match number {
            0 => out.ready.emit(activity),
            _ => out.waiting.emit(Waiting { number, wants, activity }),
        }
    }
}

impl Bolt for Parse {
    type In = Raw;
    type Out = ParseOut;

    async fn execute(&mut self, raw: Raw, out: &mut Output<ParseOut>) -> Result<()> {
        if let Some(turn) = self.capacity.take() {
            out.flush().await;
            sleep_until(turn).await;
        }
        if self.room.is_full() {
            // Questions that have not left yet are about those that have the room.
            out.flush().await;
            self.room.has_room().await;
        }
        match raw.activity() {
            Ok(activity) => self.ask(activity, out),
            Err(why) => out.rejects.emit(Rejected { raw, why }),
        }
        Ok(())
    }
}
