//! The numbers and choices that a configuration file may set, with their units, bounds and defaults.
//!
//! The types are plain serde types. Durations and sizes carry their unit (`"30s"`, `"64MiB"`); a bare number is
//! refused with what to write instead.

mod admin;
pub mod duration;
mod host_name;
pub mod number;
mod restart;
pub mod retry;
pub mod size;

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use admin::AdminSettings;
pub use host_name::HostName;
pub use restart::{RestartMode, RestartPolicy};
pub use size::Size;
pub use squall_core::RetryPolicy;

/// The most tasks a component may have.
pub const MAX_PARALLELISM: usize = 1024;

/// The most calls a task of a concurrent bolt may have under way at once.
pub const MAX_CONCURRENCY: usize = 65_536;

/// `[topology.NAME.component.NAME]`: what the file says about one component.
///
/// `None` leaves standing what the topology or the code says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComponentSettings {
    /// Number of tasks, from 1 to 1,024.
    #[schemars(range(min = 1, max = 1024))]
    #[serde(deserialize_with = "number::optional::<_, 1, MAX_PARALLELISM>")]
    pub parallelism: Option<usize>,
    /// Capacity of each inbox in tuples, at least 1.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "number::optional::<_, 1, { usize::MAX }>")]
    pub inbox: Option<usize>,
    /// Roots in flight per task of a spout, at least 1.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "number::optional::<_, 1, { usize::MAX }>")]
    pub max_pending: Option<usize>,
    /// How long a root of this spout may take before it fails with a timeout.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub message_timeout: Option<Duration>,
    /// Time between two ticks of this bolt.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub tick: Option<Duration>,
    /// How long one call of its code may last. One that awaits for longer is dropped and its task rebuilt; a
    /// thread that does not come back is given up and replaced.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub stuck_after: Option<Duration>,
    /// Calls that each task of this concurrent bolt has under way at once, from 1 to 65,536.
    #[schemars(range(min = 1, max = 65536))]
    #[serde(deserialize_with = "number::optional::<_, 1, MAX_CONCURRENCY>")]
    pub concurrency: Option<usize>,
    /// How long an attempt of a call of this concurrent bolt may take.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub call_timeout: Option<Duration>,
    /// Whether a call of this concurrent bolt is made again after a failure that may pass.
    #[schemars(with = "Option<retry::Keys>")]
    #[serde(with = "retry::optional", skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// What happens when a task panics.
    pub restart: Option<RestartPolicy>,
    /// How often and how soon the engine emits again what failed, for a spout declared with `.replay(..)`.
    #[schemars(with = "Option<retry::Keys>")]
    #[serde(with = "retry::optional", skip_serializing_if = "Option::is_none")]
    pub replay: Option<RetryPolicy>,
}

/// `[topology.NAME]`: what the file says about every component of a topology, and about single ones.
///
/// ```
/// use squall_topology::config::Config;
///
/// let mut config = Config::parse("squall.toml", r#"
///     [topology.word-count]
///     inbox = 512
///     [topology.word-count.component.split]
///     parallelism = 4
/// "#)?;
/// let settings = config.topology("word-count", &["lines", "split"])?;
/// assert_eq!(settings.component("split").parallelism, Some(4));
/// assert_eq!(settings.component("split").inbox, Some(512));
/// assert_eq!(settings.component("lines").parallelism, None);
/// # Ok::<(), squall_topology::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopologySettings {
    /// How long a root may take before it fails with a timeout.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub message_timeout: Option<Duration>,
    /// Roots in flight per task of every spout, at least 1.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "number::optional::<_, 1, { usize::MAX }>")]
    pub max_pending: Option<usize>,
    /// Capacity of every inbox in tuples, at least 1.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "number::optional::<_, 1, { usize::MAX }>")]
    pub inbox: Option<usize>,
    /// What happens when a task panics.
    pub restart: Option<RestartPolicy>,
    /// Settings of single components, by name; they win over those of the topology.
    pub component: BTreeMap<String, ComponentSettings>,
}

impl TopologySettings {
    /// What holds for the component `name`: its own settings, filled up with those of the topology.
    #[must_use]
    pub fn component(&self, name: &str) -> ComponentSettings {
        let own = self.component.get(name).cloned().unwrap_or_default();
        ComponentSettings {
            inbox: own.inbox.or(self.inbox),
            max_pending: own.max_pending.or(self.max_pending),
            message_timeout: own.message_timeout.or(self.message_timeout),
            restart: own.restart.or(self.restart),
            ..own
        }
    }
}

/// `[engine]`: the process as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// Threads that run tasks, from 1 to 1,024; one per core if it is not said.
    #[schemars(range(min = 1, max = 1024))]
    #[serde(deserialize_with = "threads")]
    pub threads: Option<NonZeroUsize>,
    /// Folder for everything that is kept; the program decides if it is not said.
    pub data_dir: Option<PathBuf>,
    /// How long a drain may take before what is left fails; 30 seconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    pub drain_deadline: Duration,
    /// Whether it is measured how long executes take, and roots; it is unless said otherwise.
    pub latencies: bool,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { threads: None, data_dir: None, drain_deadline: Duration::from_secs(30), latencies: true }
    }
}

fn threads<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroUsize>, D::Error> {
    Ok(number::optional::<_, 1, MAX_PARALLELISM>(deserializer)?.and_then(NonZeroUsize::new))
}
