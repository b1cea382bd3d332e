//! What panics cost: a word count whose splitting bolt panics now and then, beside one that does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use squall::prelude::*;

use crate::{
    Error, Row,
    case::{Load, Outcome, Tracking},
    engine::{self, Split, Totals},
    row::{median, rounded},
};

/// Every so many executes, one panics.
const EVERY: u64 = 1_000;

/// Measures the word count with and without panics in turn, each line a root that the spout replays.
pub(crate) fn measure(case: &'static str, repetitions: usize, load: &Load) -> Result<Row, Error> {
    word_count(load, u64::MAX)?;
    let mut calm = Vec::new();
    let mut panicking = Vec::new();
    let mut tuples = 0;
    for _ in 0..repetitions {
        let without = word_count(load, u64::MAX)?;
        let with = word_count(load, EVERY)?;
        calm.push(without.elapsed.as_secs_f64());
        panicking.push(with.elapsed.as_secs_f64());
        tuples = with.tuples;
        if !with.agrees_with(&without) {
            return Err(Error::Replay { with, without });
        }
    }
    let (calm, panicking) = (median(calm), median(panicking));
    Ok(Row {
        tuples_per_s: panicking.map(|time| rounded(tuples as f64 / time)),
        ratio: panicking.zip(calm).map(|(panicking, calm)| rounded(panicking / calm)),
        ..Row::new(case, Tracking::Tuple)
    })
}

fn word_count(load: &Load, every: u64) -> Result<Outcome, Error> {
    let totals = Arc::new(Totals::default());
    let executed = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut t = TopologyBuilder::new("panics");
    let lines = engine::lines(&mut t, Tracking::Tuple, load, &totals);
    let open = move || Panicking { split: Split, every, executed: Arc::clone(&executed) };
    let words = t.bolt("split", open).tasks(2).shuffle(lines).output();
    engine::count(&mut t, words, &totals);
    engine::run_to_the_end(t.build()?)?;
    Ok(totals.outcome(started))
}

/// Splits lines, but panics at every so many.
#[derive(Debug)]
struct Panicking {
    split: Split,
    every: u64,
    /// Shared by the tasks, and by what is built after a panic.
    executed: Arc<AtomicU64>,
}

impl Bolt for Panicking {
    type In = String;
    type Out = Emit<String>;

    async fn execute(&mut self, line: String, out: &mut Output<Emit<String>>) -> Result<()> {
        let executed = self.executed.fetch_add(1, Ordering::Relaxed) + 1;
        if executed.is_multiple_of(self.every) {
            panic!("the benchmark panics at every {}th line", self.every);
        }
        self.split.execute(line, out).await
    }
}
