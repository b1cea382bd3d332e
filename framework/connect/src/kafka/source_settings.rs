//! [`SourceSettings`]: what is read, and how much of it is held.

use std::time::Duration;

use rdkafka::ClientConfig;
use serde::{Deserialize, Serialize};
use squall_topology::{
    Secret,
    schema::JsonSchema,
    settings::{Size, duration, number, size},
};

use super::options::{self, Options};
use super::tracker::Limits;

/// A broker answers one request of a connection after the other: what else is asked waits for so long where there is nothing
/// to fetch, in milliseconds.
const FETCH_WAIT: &str = "fetch.wait.max.ms";

/// The longest such wait, which is less than any answer may take.
const FETCH_WAIT_MOST: u64 = 400;

const LEAST_PREFETCH: u64 = 64 * 1024;

/// Where a partition begins that the group has never read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// With the oldest record that there is.
    #[default]
    Earliest,
    /// With what is written from then on.
    Latest,
}

/// What becomes of a partition whose next record is gone, since it was kept for too short a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnLoss {
    /// It is read no further: somebody has to know.
    #[default]
    Stop,
    /// It goes on with the oldest record that there is; what is lost is counted and reported.
    GoOn,
}

/// Which topic is read, and how much of it is held.
///
/// ```toml
/// brokers = "one:9092,two:9092"
/// topic = "activities"
/// group = "enrichment"
/// instance = "worker-1"        # a static member: a restart within `session_timeout` moves no partitions
/// tasks = 1                    # that read, each a member
/// start = "earliest"           # of partitions that the group has never read; or "latest"
/// on_loss = "stop"             # or "go_on"
/// session_timeout = "30s"
/// drain_timeout = "10s"        # less than half of it
/// commit_interval = "1s"
/// max_messages = 10000         # of a partition, from the first that is not done
/// max_bytes = "64MiB"          # of all records that are not done
/// prefetch = "8MiB"            # what the client library fetches ahead of that
/// password = { file = "/run/secrets/kafka" }
/// [options]                    # of the client library, as they are
/// "security.protocol" = "sasl_ssl" # TLS; whom the system trusts is trusted, or the file in "ssl.ca.location"
/// "sasl.mechanism" = "SCRAM-SHA-512"
/// "sasl.username" = "enrichment"
/// ```
///
/// Each task is a member of its own, and holds as much as that.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Where the brokers are: `host:port`, several with commas between.
    pub brokers: String,
    /// The topic.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// What this process is known by in the group, so that its restart moves no partitions.
    ///
    /// A member that is known so and dies while partitions move comes back to what it had at that moment. If it was the one
    /// that had to give them up, they belong to nobody, and the group sees nothing wrong. Members that are known so see it
    /// when it has stood for `session_timeout`: the one with the fewest partitions leaves the group and joins it anew, so
    /// that all are assigned. If it does not, the next one does after as long again. To see it, each asks the brokers over
    /// connections of its own, three times while a session may be silent.
    #[serde(default)]
    pub instance: Option<String>,
    /// Tasks that read, each a member: for whoever declares the spout.
    #[serde(default = "tasks", deserialize_with = "number::between::<_, 1, 1024>")]
    #[schemars(range(min = 1, max = 1024))]
    pub tasks: usize,
    /// Where a partition begins that the group has never read.
    #[serde(default)]
    pub start: Start,
    /// What becomes of a partition whose next record is gone.
    #[serde(default)]
    pub on_loss: OnLoss,
    /// After which silence the group counts a member as dead.
    #[serde(default = "session_timeout", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub session_timeout: Duration,
    /// How long a partition that goes to another member waits for what is under way.
    #[serde(default = "drain_timeout", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub drain_timeout: Duration,
    /// How often offsets are committed.
    #[serde(default = "commit_interval", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub commit_interval: Duration,
    /// Messages of a partition that are held, from the first that is not done on.
    #[serde(default = "max_messages", deserialize_with = "number::between::<_, 1, 10_000_000>")]
    pub max_messages: usize,
    /// Bytes of records that are held by a task.
    #[serde(default = "max_bytes")]
    pub max_bytes: Size,
    /// Bytes that the client library fetches ahead of that.
    #[serde(default = "prefetch", deserialize_with = "size::at_least::<_, LEAST_PREFETCH>")]
    pub prefetch: Size,
    /// The password for SASL.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Options of the client library, as they are.
    #[serde(default, deserialize_with = "options::read")]
    pub options: Options,
}

fn tasks() -> usize {
    1
}

fn session_timeout() -> Duration {
    Duration::from_secs(30)
}

fn drain_timeout() -> Duration {
    Duration::from_secs(10)
}

fn commit_interval() -> Duration {
    Duration::from_secs(1)
}

fn max_messages() -> usize {
    10_000
}

fn max_bytes() -> Size {
    Size(64 * 1024 * 1024)
}

fn prefetch() -> Size {
    Size(8 * 1024 * 1024)
}

impl SourceSettings {
    /// With the default for all that may be left out.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>, group: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            topic: topic.into(),
            group: group.into(),
            instance: None,
            tasks: tasks(),
            start: Start::default(),
            on_loss: OnLoss::default(),
            session_timeout: session_timeout(),
            drain_timeout: drain_timeout(),
            commit_interval: commit_interval(),
            max_messages: max_messages(),
            max_bytes: max_bytes(),
            prefetch: prefetch(),
            password: None,
            options: Options::new(),
        }
    }

    /// What the fields cannot say each for itself.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, text) in [("brokers", &self.brokers), ("topic", &self.topic), ("group", &self.group)] {
            if text.trim().is_empty() {
                return Err(format!("`{name}` is empty"));
            }
        }
        if self.drain_timeout * 2 >= self.session_timeout {
            return Err(format!(
                "`drain_timeout` ({:?}) has to be less than half of `session_timeout` ({:?}): else the group takes \
                 the member for dead while it waits for what is under way",
                self.drain_timeout, self.session_timeout
            ));
        }
        let wait = self.options.get(FETCH_WAIT).and_then(|millis| millis.parse::<u64>().ok());
        if wait.is_some_and(|millis| millis > FETCH_WAIT_MOST) {
            return Err(format!(
                "the option `{FETCH_WAIT}` is at most {FETCH_WAIT_MOST}: whatever else is asked of a broker waits as long"
            ));
        }
        options::check(&self.options)
    }

    pub(super) fn limits(&self) -> Limits {
        Limits { messages: self.max_messages, bytes: self.max_bytes.bytes() }
    }

    /// For the member that a task is.
    pub(super) fn client(&self, task: usize) -> ClientConfig {
        let mut config = options::client(&self.brokers, self.password.as_ref(), &self.options);
        let (prefetch, session) = (self.prefetch.bytes(), self.session_timeout.as_millis());
        let owned = [
            ("group.id", self.group.clone()),
            ("partition.assignment.strategy", "cooperative-sticky".to_owned()),
            ("session.timeout.ms", session.to_string()),
            ("heartbeat.interval.ms", (session / 10).max(1).to_string()),
            ("enable.auto.commit", "false".to_owned()),
            ("enable.auto.offset.store", "false".to_owned()),
            ("auto.offset.reset", "error".to_owned()),
            ("enable.partition.eof", "false".to_owned()),
            ("queued.max.messages.kbytes", (prefetch / 1024).to_string()),
            ("queued.min.messages", self.max_messages.to_string()),
            // At most half of what may be fetched ahead comes at once; the library wants it above its limit of a message.
            ("message.max.bytes", (prefetch / 2).clamp(1_000, 1_000_000).to_string()),
            ("fetch.max.bytes", (prefetch / 2).clamp(1_000, i32::MAX as u64 - 512).to_string()),
            ("fetch.message.max.bytes", (prefetch / 2).clamp(1_000, 1_000_000_000).to_string()),
            // A full queue is looked at again soon, for it is emptied fast.
            ("fetch.queue.backoff.ms", "10".to_owned()),
            ("statistics.interval.ms", "1000".to_owned()),
        ];
        for (name, value) in owned {
            config.set(name, value);
        }
        if !self.options.contains_key(FETCH_WAIT) {
            config.set(FETCH_WAIT, "200");
        }
        if let Some(name) = self.name(task) {
            config.set("group.instance.id", name);
        }
        config
    }

    /// What the member that a task is is known by in the group.
    pub(super) fn name(&self, task: usize) -> Option<String> {
        self.instance.as_ref().map(|instance| format!("{instance}-{task}"))
    }
}
