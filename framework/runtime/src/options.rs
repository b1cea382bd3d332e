//! [`Options`]: how a topology is hosted.

use std::{num::NonZeroUsize, time::Duration};

use squall_topology::EngineSettings;

/// How a topology is hosted.
///
/// ```
/// use squall_runtime::Options;
///
/// let options = Options::default().threads(2).paused();
/// assert_eq!(options.thread_count().get(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    threads: Option<NonZeroUsize>,
    pub(crate) is_paused: bool,
    pub(crate) leaked_threads: usize,
    pub(crate) rebalance_deadline: Duration,
    pub(crate) has_latencies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: None,
            is_paused: false,
            leaked_threads: 8,
            rebalance_deadline: Duration::from_secs(10),
            has_latencies: true,
        }
    }
}

impl Options {
    /// How many threads the tasks of spouts and bolts share; 0 or nothing: one a core. Sync bolts have
    /// threads of their own besides.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = NonZeroUsize::new(threads);
        self
    }

    /// Builds nothing and starts no spout before [`Running::resume`](crate::Running::resume).
    #[must_use]
    pub fn paused(mut self) -> Self {
        self.is_paused = true;
        self
    }

    /// How many threads that do not come back may be left behind; one more fails the topology; 8 unless said.
    #[must_use]
    pub fn leaked_threads(mut self, budget: usize) -> Self {
        self.leaked_threads = budget;
        self
    }

    /// How long a rebalance may wait for tasks to come to rest before it is rolled back; 10 seconds unless
    /// said.
    #[must_use]
    pub fn rebalance_deadline(mut self, deadline: Duration) -> Self {
        self.rebalance_deadline = deadline;
        self
    }

    /// Whether it is measured how long executes take, and roots; they are unless said otherwise.
    #[must_use]
    pub fn latencies(mut self, measure: bool) -> Self {
        self.has_latencies = measure;
        self
    }

    /// The number of threads that will be used.
    pub fn thread_count(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

impl From<&EngineSettings> for Options {
    fn from(settings: &EngineSettings) -> Self {
        Self { threads: settings.threads, has_latencies: settings.latencies, ..Self::default() }
    }
}
