//! The cases on Squall.

mod bolts;
mod source;

use bolts::Null;
pub(crate) use bolts::{Count, Identity, Split};
use source::Constants;
pub(crate) use source::{Lines, Source};

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use squall::{Options, Plan, Report, Running, Stream, TopologyBuilder};

use crate::{
    Error,
    case::{Load, Outcome, Shape, Tracking},
};

/// Threads for the tasks, as the limit has.
const THREADS: usize = 2;

/// Roots in flight, as the limit has.
pub(crate) const MAX_PENDING: usize = 4_096;

/// Runs one case on two threads and returns when all is done.
///
/// # Errors
///
/// The topology did not start, or failed.
pub fn run(shape: Shape, tracking: Tracking, load: &Load) -> Result<Outcome, Error> {
    let totals = Arc::new(Totals::default());
    let started = Instant::now();
    let plan = match shape {
        Shape::ConstNull => const_null(tracking, load, &totals)?,
        Shape::ConstIdNull => const_id_null(tracking, load, &totals)?,
        Shape::WordCount => word_count(tracking, load, &totals)?,
    };
    run_to_the_end(plan)?;
    Ok(totals.outcome(started))
}

/// Starts a plan on the threads of the benchmark.
pub(crate) fn start(plan: Plan) -> Result<Running, Error> {
    Ok(Running::start(plan, Options::default().threads(THREADS))?)
}

/// Runs a plan until its spouts have ended.
pub(crate) fn run_to_the_end(plan: Plan) -> Result<Report, Error> {
    Ok(start(plan)?.wait_blocking()?)
}

fn const_null(tracking: Tracking, load: &Load, totals: &Arc<Totals>) -> Result<Plan, Error> {
    let mut t = TopologyBuilder::new("const-null");
    let constants = constants(&mut t, tracking, load, totals);
    null(&mut t, constants, totals);
    Ok(t.build()?)
}

fn const_id_null(tracking: Tracking, load: &Load, totals: &Arc<Totals>) -> Result<Plan, Error> {
    let mut t = TopologyBuilder::new("const-id-null");
    let constants = constants(&mut t, tracking, load, totals);
    let ids = t.bolt("id", || Identity).shuffle(constants).output();
    null(&mut t, ids, totals);
    Ok(t.build()?)
}

fn word_count(tracking: Tracking, load: &Load, totals: &Arc<Totals>) -> Result<Plan, Error> {
    let mut t = TopologyBuilder::new("word-count");
    let lines = lines(&mut t, tracking, load, totals);
    let words = t.bolt("split", || Split).tasks(2).shuffle(lines).output();
    count(&mut t, words, totals);
    Ok(t.build()?)
}

fn constants(t: &mut TopologyBuilder, tracking: Tracking, load: &Load, totals: &Arc<Totals>) -> Stream<u64> {
    let (emissions, totals) = (load.emissions, Arc::clone(totals));
    let open = move || Source::new(emissions, tracking, Constants, Arc::clone(&totals));
    t.spout("constants", open).max_pending(MAX_PENDING).output()
}

/// Declares the spout of a word count.
pub(crate) fn lines(
    t: &mut TopologyBuilder,
    tracking: Tracking,
    load: &Load,
    totals: &Arc<Totals>,
) -> Stream<String> {
    let (load, totals) = (load.clone(), Arc::clone(totals));
    let open =
        move || Source::new(load.emissions, tracking, Lines(Arc::clone(&load.text)), Arc::clone(&totals));
    t.spout("lines", open).max_pending(MAX_PENDING).output()
}

fn null(t: &mut TopologyBuilder, values: Stream<u64>, totals: &Arc<Totals>) {
    let totals = Arc::clone(totals);
    t.bolt("null", move || Null::new(Arc::clone(&totals))).shuffle(values);
}

/// Declares the last bolt of a word count.
pub(crate) fn count(t: &mut TopologyBuilder, words: Stream<String>, totals: &Arc<Totals>) {
    let totals = Arc::clone(totals);
    t.bolt("count", move || Count::new(Arc::clone(&totals))).tasks(2).fields(words, |word| word);
}

/// What the tasks add up when they end.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    tuples: AtomicU64,
    distinct: AtomicU64,
    acked: AtomicU64,
}

impl Totals {
    /// What was done since `started`.
    pub(crate) fn outcome(&self, started: Instant) -> Outcome {
        Outcome {
            tuples: self.tuples.load(Ordering::Relaxed),
            distinct: self.distinct.load(Ordering::Relaxed),
            acked: self.acked.load(Ordering::Relaxed),
            elapsed: started.elapsed(),
        }
    }
}
