//! How the load stands, looked at from time to time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{look, producer::Sent, topics::Topics, worker::Seen};
use crate::{Error, enrich::wrong, usage};

/// The time between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// How the load stands at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// Since the beginning.
    pub(super) at: Duration,
    /// Records that the broker has taken.
    pub(super) sent: u64,
    /// Records of the output.
    pub(super) written: u64,
    /// Records that the group has not done yet, as the broker knows it.
    pub(super) backlog: u64,
    /// When it is done, by the worker that takes longest; infinite is never. None if no worker said anything.
    pub(super) predicted_s: Option<f64>,
    /// Bytes of the largest worker.
    pub(super) resident: u64,
}

/// What is looked at: whoever works now.
pub(super) type Crew = Arc<Mutex<Vec<Seen>>>;

/// A thread that looks.
pub(super) struct Sampler {
    samples: Arc<Mutex<Vec<Sample>>>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), Error>>,
}

impl Sampler {
    /// Looks at what was sent, at the broker, and at the crew; instants count from `began`.
    pub(super) fn start(began: Instant, topics: Arc<Topics>, sent: Arc<Sent>, crew: Crew) -> Self {
        let (samples, is_over) = (Arc::<Mutex<Vec<Sample>>>::default(), Arc::new(AtomicBool::new(false)));
        let (to, until) = (Arc::clone(&samples), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            while !until.load(Relaxed) {
                let sample = sample(began, &topics, &sent, &crew)?;
                locked(&to).push(sample);
                thread::sleep(EVERY);
            }
            Ok(())
        });
        Self { samples, is_over, thread }
    }

    /// The last look.
    pub(super) fn last(&self) -> Option<Sample> {
        locked(&self.samples).last().cloned()
    }

    /// Looks no more; returns all that was seen.
    pub(super) fn stop(self) -> Result<Vec<Sample>, Error> {
        self.is_over.store(true, Relaxed);
        self.thread.join().map_err(|_| wrong("the thread that looks panicked"))??;
        Ok(std::mem::take(&mut locked(&self.samples)))
    }
}

fn sample(began: Instant, topics: &Topics, sent: &Sent, crew: &Crew) -> Result<Sample, Error> {
    let seen = locked(crew).clone();
    let told = seen.iter().filter_map(|worker| look::ask(worker.address?));
    let predicted_s = told.map(|told| told.predicted_drain_s.unwrap_or(f64::INFINITY)).reduce(f64::max);
    let resident = seen
        .iter()
        .filter_map(|worker| usage::resident_of(&worker.pid.to_string()).ok())
        .max()
        .unwrap_or_default();
    // What is done is asked first, so that it is never more than what there is.
    let done = sum(&topics.committed()?);
    let written = sum(&topics.ends(&topics.output)?);
    let sent = sent.delivered();
    Ok(Sample {
        at: began.elapsed(),
        sent,
        written,
        backlog: sent.saturating_sub(done),
        predicted_s,
        resident,
    })
}

pub(super) fn sum(offsets: &[i64]) -> u64 {
    offsets.iter().map(|offset| u64::try_from(*offset).unwrap_or_default()).sum()
}

pub(super) fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
