//! What asking an enricher costs, and how it is done.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use squall_topology::settings::{RetryPolicy, duration, number, retry};

use super::{CacheTerms, OnFailure};

/// Calls of a process under way at once, at most: each has a timer and a place in the inbox.
const MOST: usize = 100_000;

/// What an enricher says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The time of a core that an answer takes, without waiting: what the capacity is predicted from.
    pub cost: Duration,
    /// Answers that are waited for at once in the whole process; 64 unless the enricher says otherwise.
    pub concurrency: usize,
    /// How long an attempt to find the answer may take.
    pub timeout: Duration,
    /// How often and how soon it is asked again when asking failed; with [`OnFailure::Hold`] how soon only.
    pub retry: RetryPolicy,
    /// What becomes of an activity about which asking failed as often as it may.
    pub on_failure: OnFailure,
    /// What is remembered; `None` if nothing is.
    pub cache: Option<CacheTerms>,
}

impl Default for Declared {
    /// What computes: 2 µs, 64 answers at a time, a second, three attempts, nothing remembered.
    fn default() -> Self {
        Self {
            cost: Duration::from_micros(2),
            concurrency: 64,
            timeout: Duration::from_secs(1),
            retry: RetryPolicy {
                attempts: 3,
                backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(5),
            },
            on_failure: OnFailure::Hold,
            cache: None,
        }
    }
}

/// The table `calls` of an enricher: what the operator knows better than the enricher.
///
/// ```toml
/// calls = { concurrency = 64, timeout = "10s", retry = { attempts = 3, backoff = "100ms" }, on_failure = "hold" }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// The time of a core that an answer takes, without waiting: what the capacity is predicted from.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    pub cost: Option<Duration>,
    /// Answers under way at once in the whole process, from 1 to 100,000.
    #[schemars(range(min = 1, max = 100_000))]
    #[serde(deserialize_with = "number::optional::<_, 1, MOST>")]
    pub concurrency: Option<usize>,
    /// How long an attempt to find the answer may take.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    pub timeout: Option<Duration>,
    /// How often and how soon it is asked again when asking failed.
    #[schemars(with = "Option<retry::Keys>")]
    #[serde(with = "retry::optional")]
    pub retry: Option<RetryPolicy>,
    /// What becomes of an activity about which asking failed as often as it may.
    pub on_failure: Option<OnFailure>,
}

impl Calls {
    /// What holds where the operator says this and the enricher that.
    #[must_use]
    pub fn over(&self, declared: Declared) -> Declared {
        Declared {
            cost: self.cost.unwrap_or(declared.cost),
            concurrency: self.concurrency.unwrap_or(declared.concurrency),
            timeout: self.timeout.unwrap_or(declared.timeout),
            retry: self.retry.unwrap_or(declared.retry),
            on_failure: self.on_failure.unwrap_or(declared.on_failure),
            cache: declared.cache,
        }
    }
}
