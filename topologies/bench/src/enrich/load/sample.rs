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
    looked: Arc<Mutex<Looked>>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// What it has seen, and why it looks no more if a look failed.
#[derive(Default)]
struct Looked {
    samples: Vec<Sample>,
    failed: Option<Error>,
}

impl Sampler {
    /// Looks at what was sent, at the broker, and at the crew; instants count from `began`.
    pub(super) fn start(began: Instant, topics: Arc<Topics>, sent: Arc<Sent>, crew: Crew) -> Self {
        Self::looking(move || sample(began, &topics, &sent, &crew))
    }

    fn looking(look: impl Fn() -> Result<Sample, Error> + Send + 'static) -> Self {
        let (looked, is_over) = (Arc::<Mutex<Looked>>::default(), Arc::new(AtomicBool::new(false)));
        let (to, until) = (Arc::clone(&looked), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            while !until.load(Relaxed) {
                match look() {
                    Ok(sample) => locked(&to).samples.push(sample),
                    Err(error) => return locked(&to).failed = Some(error),
                }
                thread::sleep(EVERY);
            }
        });
        Self { looked, is_over, thread }
    }

    /// The last look.
    ///
    /// # Errors
    ///
    /// A look failed: there will be none after it.
    pub(super) fn last(&self) -> Result<Option<Sample>, Error> {
        let mut looked = locked(&self.looked);
        match looked.failed.take() {
            Some(error) => Err(error),
            None if self.thread.is_finished() => Err(wrong("the thread that looks panicked")),
            None => Ok(looked.samples.last().cloned()),
        }
    }

    /// Looks no more; returns all that was seen.
    pub(super) fn stop(self) -> Result<Vec<Sample>, Error> {
        self.is_over.store(true, Relaxed);
        self.thread.join().map_err(|_| wrong("the thread that looks panicked"))?;
        let looked = std::mem::take(&mut *locked(&self.looked));
        looked.failed.map_or(Ok(looked.samples), Err)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_fails_is_heard_at_once_and_not_when_all_should_have_been_drained() {
        let failed = || {
            let sampler = Sampler::looking(|| Err(wrong("the broker does not answer")));
            while !sampler.thread.is_finished() {
                thread::yield_now();
            }
            sampler
        };

        for heard in [failed().last().map(drop), failed().stop().map(drop)] {
            assert!(heard.unwrap_err().sentence().ends_with(": the broker does not answer"));
        }
    }
}
