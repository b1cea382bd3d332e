//! Latency at a fixed rate, from the instant at which each tuple was scheduled.
//!
//! A source that falls behind emits late, but its tuples keep their instants: the delay counts. (Measured from the
//! emission, a stalled source would stop the clock for whatever it should have emitted meanwhile.)

mod metronome;
mod sink;
mod source;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use squall::{Plan, TopologyBuilder};

use crate::{
    Error, Row,
    case::Tracking,
    engine::{self, Identity, MAX_PENDING},
    row::rounded,
    usage,
};
pub(crate) use sink::{Sink, histogram};
pub(crate) use source::Scheduled;

/// When the tuples are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// The instant of the first tuple.
    pub(crate) origin: Instant,
    /// Tuples per second.
    pub(crate) rate: u64,
    /// How long what is due is not measured: threads start, buffers grow.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
}

impl Schedule {
    /// When the tuple at `index` is due, in nanoseconds after the origin.
    fn due(&self, index: u64) -> u64 {
        index * 1_000_000_000 / self.rate
    }

    /// How many tuples are due by now.
    fn due_by_now(&self) -> u64 {
        self.elapsed() * self.rate / 1_000_000_000 + 1
    }

    /// How many tuples there are.
    pub(crate) fn len(&self) -> u64 {
        (self.warm_up + self.measured).as_millis() as u64 * self.rate / 1_000
    }

    /// When measuring starts, in nanoseconds after the origin.
    fn first(&self) -> u64 {
        self.warm_up.as_nanos() as u64
    }

    /// Nanoseconds since the origin.
    fn elapsed(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64
    }
}

pub(crate) type Latencies = Arc<Mutex<Histogram<u64>>>;

/// What a run at a fixed rate found.
#[derive(Debug)]
pub struct Lateness {
    /// Nanoseconds from the instant at which a tuple was due to its arrival, of every tuple that was measured.
    pub latencies: Histogram<u64>,
    /// Tuples that fell due while it was measured.
    pub scheduled: u64,
    /// All tuples that fell due, those of the warm-up included.
    pub tuples: u64,
    /// From the first instant until all was done.
    pub elapsed: Duration,
    /// Processor time of the whole process meanwhile.
    pub cpu: Duration,
}

/// Runs spout, id bolt and a bolt that looks at the clock at `rate` tuples per second, each tuple tracked.
///
/// # Errors
///
/// The topology did not start or failed; this is not Linux.
pub fn run(rate: u64, warm_up: Duration, measured: Duration) -> Result<Lateness, Error> {
    let latencies: Latencies = Arc::new(Mutex::new(histogram()));
    let cpu_before = usage::cpu()?;
    let schedule = Schedule { origin: Instant::now(), rate, warm_up, measured };
    let report = engine::run_to_the_end(plan(schedule, &latencies)?);
    let elapsed = schedule.origin.elapsed();
    let cpu = usage::cpu()?.saturating_sub(cpu_before);
    report?;
    let latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let warming_up = (schedule.first() * rate).div_ceil(1_000_000_000);
    Ok(Lateness {
        latencies,
        scheduled: schedule.len().saturating_sub(warming_up),
        tuples: schedule.len(),
        elapsed,
        cpu,
    })
}

/// The row of a run at `rate` tuples per second.
pub(crate) fn measure(
    case: &'static str,
    rate: u64,
    warm_up: Duration,
    measured: Duration,
) -> Result<Row, Error> {
    let found = run(rate, warm_up, measured)?;
    let quantile = |at: f64| Some(rounded(found.latencies.value_at_quantile(at) as f64 / 1e3));
    let tuples = found.tuples as f64;
    Ok(Row {
        tuples_per_s: Some(rounded(tuples / found.elapsed.as_secs_f64())),
        p50_us: quantile(0.5),
        p99_us: quantile(0.99),
        p999_us: quantile(0.999),
        cpu_s_per_million: Some(rounded(found.cpu.as_secs_f64() / (tuples / 1e6))),
        rate: Some(rate),
        ..Row::new(case, Tracking::Tuple)
    })
}

fn plan(schedule: Schedule, latencies: &Latencies) -> Result<Plan, Error> {
    let mut t = TopologyBuilder::new("latency");
    let due = t.spout("scheduled", move || Scheduled::new(schedule)).max_pending(MAX_PENDING).output();
    let ids = t.bolt("id", || Identity).shuffle(due).output();
    let latencies = Arc::clone(latencies);
    t.bolt("sink", move || Sink::new(schedule, Arc::clone(&latencies))).shuffle(ids);
    Ok(t.build()?)
}
