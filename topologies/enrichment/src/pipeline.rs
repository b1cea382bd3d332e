//! The topology: `activities` → `parse` → `park` → `write`, with the enrichers between the second and the third, and
//! `dead_letters` beside it.

mod halting;
mod sources;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use squall::Invalid;
use squall::prelude::*;
use squall::{RetryPolicy, Subscribe};

#[cfg(feature = "kafka")]
use crate::bolts::WriteTopic;
use crate::bolts::{DeadLetters, Enrich, Join, JoinIn, Parse, ParseStreams, Waiting, Write, WriteTable};
use crate::{Activity, Answer, Capacity, Enrichers, Letters, Raw, Room, Sink, Source, Tally};
use sources::{Dead, Incoming};

/// The name of the topology.
pub const NAME: &str = "enrichment";

/// Roots under way besides those that are parked: what a core does in some ten milliseconds, so that no component
/// waits for another.
const UNDER_WAY: usize = 4096;

/// A root may wait for an enricher that is down, and a run that ends with its input may write to a pipe that somebody
/// reads slowly, or not at all for a while. What waits for them must not time out: it would be done twice. What is lost
/// fails at once and needs no timeout.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How often what failed is let go of.
const SWEEP: Duration = Duration::from_millis(250);

/// Dead letters that are written at once.
const LETTERS: usize = 64;

/// Activities that a task writes at once: what a broker takes in some hundredths of a second.
#[cfg(feature = "kafka")]
const WRITES: usize = 4096;

/// Activities that are written to a table at once: a transaction or two.
const ROWS: usize = 2048;

/// What no broker and no database takes is offered again for ever: it is not the fault of what is written.
const FOR_EVER: RetryPolicy = RetryPolicy {
    attempts: u32::MAX,
    backoff: Duration::from_millis(100),
    max_backoff: Duration::from_secs(5),
};

/// Builds the plan of a [`Pipeline`] that takes in as much as it can, and counts its dead letters only.
///
/// # Errors
///
/// As [`Pipeline::plan`].
pub fn plan(
    source: &Source,
    enrichers: &Enrichers,
    room: &Room,
    sink: &Sink,
    tally: &Arc<Tally>,
) -> std::result::Result<Plan, Invalid> {
    Pipeline::new(source, enrichers, room, sink, tally).plan()
}

/// What a topology is made of.
#[derive(Clone, Debug)]
pub struct Pipeline {
    source: Source,
    enrichers: Enrichers,
    room: Room,
    sink: Sink,
    letters: Letters,
    capacity: Capacity,
    tally: Arc<Tally>,
}

impl Pipeline {
    /// From `source` past `enrichers` to `sink`. Activities that wait for answers do so in `room`, and are counted in
    /// `tally`.
    pub fn new(source: &Source, enrichers: &Enrichers, room: &Room, sink: &Sink, tally: &Arc<Tally>) -> Self {
        Self {
            source: source.clone(),
            enrichers: enrichers.clone(),
            room: room.clone(),
            sink: sink.clone(),
            letters: Letters::default(),
            capacity: Capacity::default(),
            tally: Arc::clone(tally),
        }
    }

    /// Takes in no more than this.
    #[must_use]
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        self.capacity = capacity;
        self
    }

    /// Writes dead letters to this place.
    #[must_use]
    pub fn dead_letters(mut self, letters: Letters) -> Self {
        self.letters = letters;
        self
    }

    /// Builds the plan.
    ///
    /// `parse`, `park` and the enrichers have a task per core, which take what comes as fast as they can: the order of the
    /// output is not that of the input.
    ///
    /// # Errors
    ///
    /// An enricher has the name of another component, or one that no component may have.
    pub fn plan(&self) -> std::result::Result<Plan, Invalid> {
        let mut t = TopologyBuilder::new(NAME);
        let (incoming, dead) = sources::declare(&mut t, &self.source, &self.room, &self.sink.halt());
        let (parsed, answers) = match incoming {
            Incoming::Lines(lines) => self.declare_questions(&mut t, lines),
            #[cfg(feature = "kafka")]
            Incoming::Records(records) => self.declare_questions(&mut t, records),
        };
        let parked = declare_park(&mut t, parsed.waiting, answers, &self.room, cores());
        self.declare_sink(&mut t, parsed.ready, parked);
        self.declare_dead_letters(&mut t, &parsed, dead);
        t.build()
    }

    fn declare_questions<S: Subscribe<Raw>>(
        &self,
        t: &mut TopologyBuilder,
        incoming: S,
    ) -> (ParseStreams, Vec<Stream<Answer>>) {
        let parse = Parse::new(self.enrichers.clone(), self.room.clone(), self.capacity.clone());
        declare_questions(t, incoming, parse, &self.enrichers, cores())
    }

    fn declare_sink(&self, t: &mut TopologyBuilder, ready: Stream<Activity>, parked: Stream<Activity>) {
        match self.sink.clone() {
            Sink::Lines(lines) => {
                // It waits for a disk that is full as long as it takes.
                let write = t.sync_bolt("write", move || Write::new(lines.clone())).stuck_after(PATIENCE);
                write.shuffle(ready).shuffle(parked);
            }
            Sink::Table(output) => {
                let tally = Arc::clone(&self.tally);
                t.concurrent_bolt("write", move || WriteTable::new(output.clone(), Arc::clone(&tally)))
                    .concurrency(ROWS)
                    .retry(FOR_EVER)
                    .shuffle(ready)
                    .shuffle(parked);
            }
            #[cfg(feature = "kafka")]
            Sink::Topic(output, ids) => {
                let tally = Arc::clone(&self.tally);
                let write = move || WriteTopic::new(output.clone(), ids.clone(), Arc::clone(&tally));
                t.concurrent_bolt("write", write)
                    .tasks(cores())
                    .concurrency(WRITES)
                    .retry(FOR_EVER)
                    .shuffle(ready)
                    .shuffle(parked);
            }
        }
    }

    fn declare_dead_letters(&self, t: &mut TopologyBuilder, parsed: &ParseStreams, dead: Dead) {
        let (letters, tally) = (self.letters.clone(), Arc::clone(&self.tally));
        let bolt = t
            .concurrent_bolt("dead_letters", move || DeadLetters::new(letters.clone(), Arc::clone(&tally)))
            .concurrency(LETTERS)
            .shuffle(parsed.rejects);
        match dead {
            Dead::None => {}
            Dead::Unreadable(lines) => _ = bolt.shuffle(lines),
            Dead::Lines(lines) => _ = bolt.shuffle(lines),
            #[cfg(feature = "kafka")]
            Dead::Records(records) => _ = bolt.retry(FOR_EVER).shuffle(records),
        }
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// From what comes in to activities, and to what enrichers say about them: one stream for each.
fn declare_questions<S: Subscribe<Raw>>(
    t: &mut TopologyBuilder,
    incoming: S,
    parse: Parse,
    enrichers: &Enrichers,
    tasks: usize,
) -> (ParseStreams, Vec<Stream<Answer>>) {
    // It waits for room as long as it takes.
    let parse = t.bolt("parse", move || parse.clone()).tasks(tasks).stuck_after(PATIENCE);
    let parsed = parse.shuffle(incoming).output();
    let asked = enrichers.iter().enumerate();
    let answers = asked.map(|named| Enrich::declare(t, named, tasks, parsed.asked)).collect();
    (parsed, answers)
}

/// What waits for answers meets them.
fn declare_park(
    t: &mut TopologyBuilder,
    waiting: Stream<Waiting>,
    answers: Vec<Stream<Answer>>,
    room: &Room,
    tasks: usize,
) -> Stream<Activity> {
    let room = room.clone();
    let mut park = t
        .bolt("park", move || Join::new(room.clone()))
        .tasks(tasks)
        .tick(SWEEP)
        .fields(waiting.via(JoinIn::Waiting), |waiting| &waiting.number);
    for answers in answers {
        park = park.fields(answers.via(JoinIn::Answer), |answer| &answer.number);
    }
    park.output()
}

#[cfg(test)]
mod tests;
