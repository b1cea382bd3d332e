use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration;

/// When a task that stopped is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RestartMode {
    /// After a panic or an error, and also when a spout ended by itself.
    Permanent,
    /// After a panic or an error; an end is final.
    #[default]
    Transient,
    /// Not at all: the first panic or error fails the topology.
    Never,
}

/// How a task that panics, or whose factory fails, is brought back.
///
/// A restart is *fruitless* if the task executed nothing successfully since its last one. Only fruitless restarts
/// wait and are charged to the budget: a bolt that panics on every thousandth tuple is rebuilt at once for ever, one
/// that cannot open its database slows down and finally fails the topology, and with it the process.
///
/// ```
/// use std::time::Duration;
/// use squall_topology::settings::RestartPolicy;
///
/// let policy = RestartPolicy::default();
/// assert_eq!(policy.delay(0), Duration::ZERO);
/// assert_eq!(policy.delay(1), Duration::from_millis(10));
/// assert_eq!(policy.delay(4), Duration::from_millis(80));
/// assert_eq!(policy.delay(1_000_000), Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RestartPolicy {
    /// When a task is started again; `transient`.
    pub policy: RestartMode,
    /// Wait before the first fruitless restart, doubled before each further one; 10 milliseconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    pub backoff: Duration,
    /// The longest wait; 10 seconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    pub max_backoff: Duration,
    /// Fruitless restarts allowed within the `window`; one more fails the topology; 10.
    pub budget: u32,
    /// The time over which fruitless restarts are counted; 60 seconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    pub window: Duration,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            policy: RestartMode::default(),
            backoff: Duration::from_millis(10),
            max_backoff: Duration::from_secs(10),
            budget: 10,
            window: Duration::from_secs(60),
        }
    }
}

impl RestartPolicy {
    /// The wait before a restart that is the `fruitless`-th fruitless one in a row; 0 for a restart that bore fruit.
    #[must_use]
    pub fn delay(&self, fruitless: u32) -> Duration {
        let Some(doublings) = fruitless.checked_sub(1) else { return Duration::ZERO };
        let factor = 2u32.checked_pow(doublings).unwrap_or(u32::MAX);
        self.backoff.saturating_mul(factor).min(self.max_backoff)
    }
}
