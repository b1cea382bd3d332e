//! [`Options`]: how a topology is hosted.

use std::num::NonZeroUsize;

use squall_topology::EngineSettings;

/// How a topology is hosted.
///
/// ```
/// use squall_runtime::Options;
///
/// let options = Options::default().threads(2).paused();
/// assert_eq!(options.thread_count().get(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    threads: Option<NonZeroUsize>,
    pub(crate) is_paused: bool,
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

    /// The number of threads that will be used.
    pub fn thread_count(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

impl From<&EngineSettings> for Options {
    fn from(settings: &EngineSettings) -> Self {
        Self { threads: settings.threads, is_paused: false }
    }
}
