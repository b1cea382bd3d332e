//! The dataflows.

use std::{cell::RefCell, hash::BuildHasher, rc::Rc, sync::Arc, time::Instant};

use foldhash::fast::FixedState;
use squall_bench::{
    Shape, Text,
    work::{self, Counts},
};
use timely::{
    Config,
    container::CapacityContainerBuilder,
    dataflow::{
        InputHandle, ProbeHandle, StreamVec,
        channels::pact::{Exchange, Pipeline},
        operators::{Input, Operator, Probe},
    },
    worker::Worker,
};

use crate::totals::{Outcome, Totals};

/// Threads, as all in the race have.
const WORKERS: usize = 2;

/// Emissions of a worker in a round: what is in flight is bounded by rounds, since the channels are not.
const ROUND: u64 = 1_024;

/// Rounds that may be under way.
const IN_FLIGHT: u64 = 4;

type Vecs<T> = CapacityContainerBuilder<Vec<T>>;

/// Runs one case on two workers and returns when all is done.
pub(crate) fn run(shape: Shape, emissions: u64, text: &Arc<Text>) -> Result<Outcome, String> {
    let totals = Arc::new(Totals::default());
    let started = Instant::now();
    let (text, sums) = (Arc::clone(text), Arc::clone(&totals));
    let guards = timely::execute(Config::process(WORKERS), move |worker| {
        let tuples = match shape {
            Shape::ConstNull => constants(worker, emissions, false),
            Shape::ConstIdNull => constants(worker, emissions, true),
            Shape::WordCount => word_count(worker, emissions, &text),
        };
        sums.add(tuples);
    })?;
    for ended in guards.join() {
        ended?;
    }
    Ok(totals.outcome(started.elapsed()))
}

/// Constants; every hop goes to the workers in turn, as a shuffle does.
fn constants(worker: &mut Worker, emissions: u64, with_identity: bool) -> u64 {
    let mut input = InputHandle::<u64, Vecs<u64>>::new();
    let probe = ProbeHandle::new();
    let discarded = Rc::new(RefCell::new(0));
    let sink = Rc::clone(&discarded);
    worker.dataflow::<u64, _, _>(|scope| {
        let mut stream: StreamVec<'_, u64, u64> = scope.input_from(&mut input);
        if with_identity {
            stream = stream.unary::<Vecs<u64>, _, _, _>(in_turn(), "Identity", |_, _| {
                move |input, output| {
                    input.for_each_stamp(|stamp, batches| {
                        let mut session = output.session(&stamp);
                        batches
                            .flat_map(|batch| batch.drain(..))
                            .for_each(|value| session.give(work::identity(value)));
                    });
                }
            });
        }
        let ends: StreamVec<'_, u64, ()> = stream.unary::<Vecs<()>, _, _, _>(in_turn(), "Null", |_, _| {
            move |input, _output| {
                input.for_each_stamp(|_, batches| {
                    let mut taken = 0;
                    batches.flat_map(|batch| batch.drain(..)).for_each(|value| {
                        work::discard(value);
                        taken += 1;
                    });
                    *sink.borrow_mut() += taken;
                });
            }
        });
        ends.probe_with(&probe);
    });
    feed(worker, &mut input, &probe, emissions, |_| work::constant());
    *discarded.borrow()
}

/// Routes to the workers in turn.
fn in_turn() -> Exchange<u64, impl FnMut(&u64) -> u64> {
    let mut turn = 0_u64;
    Exchange::new(move |_: &u64| {
        turn += 1;
        turn
    })
}

/// Lines, split where they arise, counted where their hash says.
fn word_count(worker: &mut Worker, emissions: u64, text: &Text) -> u64 {
    let mut input = InputHandle::<u64, Vecs<String>>::new();
    let probe = ProbeHandle::new();
    let counts = Rc::new(RefCell::new(Counts::default()));
    let sink = Rc::clone(&counts);
    let hasher = FixedState::default();
    let by_hash = Exchange::new(move |word: &String| hasher.hash_one(word));
    worker.dataflow::<u64, _, _>(|scope| {
        let lines: StreamVec<'_, u64, String> = scope.input_from(&mut input);
        let words: StreamVec<'_, u64, String> =
            lines.unary::<Vecs<String>, _, _, _>(Pipeline, "Split", |_, _| {
                move |input, output| {
                    input.for_each_stamp(|stamp, batches| {
                        let mut session = output.session(&stamp);
                        for line in batches.flat_map(|batch| batch.drain(..)) {
                            work::split(&line).for_each(|word| session.give(word));
                        }
                    });
                }
            });
        let ends: StreamVec<'_, u64, ()> = words.unary::<Vecs<()>, _, _, _>(by_hash, "Count", |_, _| {
            move |input, _output| {
                input.for_each_stamp(|_, batches| {
                    let mut counts = sink.borrow_mut();
                    batches.flat_map(|batch| batch.drain(..)).for_each(|word| counts.add(word));
                });
            }
        });
        ends.probe_with(&probe);
    });
    feed(worker, &mut input, &probe, emissions, |index| text.line(index).to_owned());
    counts.borrow().total()
}

/// Sends this worker's share and waits until all of it is done.
fn feed<T: Clone + 'static>(
    worker: &mut Worker,
    input: &mut InputHandle<u64, Vecs<T>>,
    probe: &ProbeHandle<u64>,
    emissions: u64,
    mut make: impl FnMut(u64) -> T,
) {
    let (peers, own) = (worker.peers() as u64, worker.index() as u64);
    let mut round = 0;
    let mut next = own;
    while next < emissions {
        let end = emissions.min(next + ROUND * peers);
        while next < end {
            input.send(make(next));
            next += peers;
        }
        round += 1;
        input.advance_to(round);
        worker.step_while(|| probe.less_than(&round.saturating_sub(IN_FLIGHT)));
    }
    input.advance_to(u64::MAX);
    worker.step_while(|| probe.less_than(&u64::MAX));
}
