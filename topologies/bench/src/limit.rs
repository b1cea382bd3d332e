//! The limit: the same [work](crate::work) over bounded tokio channels, as one would write it for one program only.
//!
//! The batches, the depth of the queues, the bound on roots in flight and the two threads are those of the engine;
//! nothing here imports Squall. There are no names, no supervision, no metrics, no pause, no drain and no timeouts:
//! whatever the engine needs for those is its cost.

mod batch;
mod constant;
mod mode;
mod root;
mod threads;
mod word_count;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::case::{Load, Outcome, Shape, Tracking};
use mode::{Mode, PerBatch, PerTuple, Untracked};

/// Tuples in a batch.
const BATCH: usize = 256;

/// Batches in a channel.
const CHANNEL: usize = 16;

/// Roots in flight.
const MAX_PENDING: usize = 4_096;

/// Runs one case on two threads and returns when all is done.
pub fn run(shape: Shape, tracking: Tracking, load: &Load) -> Outcome {
    match tracking {
        Tracking::None => run_mode::<Untracked>(shape, load),
        Tracking::Tuple => run_mode::<PerTuple>(shape, load),
        Tracking::Batch => run_mode::<PerBatch>(shape, load),
    }
}

fn run_mode<M: Mode>(shape: Shape, load: &Load) -> Outcome {
    let totals = Arc::new(Totals::default());
    let started = Instant::now();
    let tasks = match shape {
        Shape::ConstNull => constant::null::<M>(load, &totals),
        Shape::ConstIdNull => constant::id_null::<M>(load, &totals),
        Shape::WordCount => word_count::tasks::<M>(load, &totals),
    };
    threads::run(tasks);
    Outcome {
        tuples: totals.tuples.load(Ordering::Relaxed),
        distinct: totals.distinct.load(Ordering::Relaxed),
        acked: totals.acked.load(Ordering::Relaxed),
        elapsed: started.elapsed(),
    }
}

/// What the tasks add up when they end.
#[derive(Debug, Default)]
struct Totals {
    tuples: AtomicU64,
    distinct: AtomicU64,
    acked: AtomicU64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn every_tuple_arrives_and_every_root_reports() {
        let load = Load { emissions: 10_001, text: Arc::new(Text::generate(1)) };
        let words = load.text.words(load.emissions);

        for shape in Shape::ALL {
            for tracking in Tracking::ALL {
                let outcome = run(shape, tracking, &load);

                let tuples = if shape == Shape::WordCount { words } else { load.emissions };
                assert_eq!(outcome.tuples, tuples, "{shape:?} {tracking:?}");
                assert_eq!(outcome.acked, tracking.roots(load.emissions), "{shape:?} {tracking:?}");
            }
        }
    }
}
