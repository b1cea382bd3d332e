//! How long after their instants messages are accepted.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::prometheus::{self, HistogramOpts, HistogramVec, histogram_opts};

/// Up to here they are told apart, in microseconds: a day.
const LONGEST: u64 = 24 * 3600 * 1_000_000;

/// Digits that quantiles are right to.
const DIGITS: u8 = 2;

/// In seconds.
const BUCKETS: [f64; 16] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// How long after their instants messages were accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Lateness {
    /// Messages.
    pub count: u64,
    /// Half of them were accepted within this time, in seconds.
    pub p50_seconds: f64,
    /// Nine of ten.
    pub p90_seconds: f64,
    /// 99 of a hundred.
    pub p99_seconds: f64,
    /// All of them.
    pub max_seconds: f64,
}

/// The histograms of all destinations.
pub(super) fn histograms() -> Result<HistogramVec, prometheus::Error> {
    let options: HistogramOpts = histogram_opts!(
        "squall_messages_lateness_seconds",
        "How long after their instants messages were accepted.",
        BUCKETS.to_vec()
    );
    HistogramVec::new(options, &["destination"])
}

/// The lateness of the messages to one destination: in buckets for Prometheus, and fine enough for quantiles here.
#[derive(Clone)]
pub(super) struct LatenessTally {
    buckets: prometheus::Histogram,
    fine: Arc<Mutex<hdrhistogram::Histogram<u64>>>,
}

impl LatenessTally {
    pub(super) fn new(buckets: prometheus::Histogram, fine: hdrhistogram::Histogram<u64>) -> Self {
        Self { buckets, fine: Arc::new(Mutex::new(fine)) }
    }

    /// A histogram with nothing in it.
    pub(super) fn fine() -> Result<hdrhistogram::Histogram<u64>, hdrhistogram::CreationError> {
        hdrhistogram::Histogram::new_with_bounds(1, LONGEST, DIGITS)
    }

    pub(super) fn record(&self, lateness: Duration) {
        self.buckets.observe(lateness.as_secs_f64());
        let micros = u64::try_from(lateness.as_micros()).unwrap_or(LONGEST);
        self.lock().saturating_record(micros);
    }

    pub(super) fn overview(&self) -> Lateness {
        let fine = self.lock();
        if fine.is_empty() {
            return Lateness::default();
        }
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let within = |quantile| seconds(fine.value_at_quantile(quantile));
        Lateness {
            count: fine.len(),
            p50_seconds: within(0.5),
            p90_seconds: within(0.9),
            p99_seconds: within(0.99),
            max_seconds: seconds(fine.max()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, hdrhistogram::Histogram<u64>> {
        self.fine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LatenessTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LatenessTally").field(&self.overview()).finish()
    }
}
