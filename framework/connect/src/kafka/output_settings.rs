//! [`OutputSettings`]: where messages are written to.

use std::time::Duration;

use rdkafka::ClientConfig;
use serde::Deserialize;
use squall_topology::{
    Secret,
    schema::JsonSchema,
    settings::{Size, duration, size},
};

use super::options::{self, Options};

const LEAST_BUFFER: u64 = 1024 * 1024;

/// Which topic is written to.
///
/// ```toml
/// brokers = "one:9092,two:9092"
/// topic = "enriched"
/// delivery_timeout = "30s"     # after which a message that no broker has taken counts as failed
/// buffer = "32MiB"             # of messages that wait for their brokers; a full one waits
/// password = { file = "/run/secrets/kafka" }
/// [options]                    # of the client library, as they are
/// "compression.type" = "gzip"
/// "security.protocol" = "ssl"  # TLS; whom the system trusts is trusted, or the file in "ssl.ca.location"
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputSettings {
    /// Where the brokers are: `host:port`, several with commas between.
    pub brokers: String,
    /// The topic of messages that name none.
    pub topic: String,
    /// After which a message that no broker has taken counts as failed.
    #[serde(default = "delivery_timeout", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub delivery_timeout: Duration,
    /// Bytes of messages that wait for their brokers.
    #[serde(default = "buffer", deserialize_with = "size::at_least::<_, LEAST_BUFFER>")]
    pub buffer: Size,
    /// The password for SASL.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Options of the client library, as they are.
    #[serde(default, deserialize_with = "options::read")]
    pub options: Options,
}

fn delivery_timeout() -> Duration {
    Duration::from_secs(30)
}

fn buffer() -> Size {
    Size(32 * 1024 * 1024)
}

impl OutputSettings {
    /// With the default for all that may be left out.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            topic: topic.into(),
            delivery_timeout: delivery_timeout(),
            buffer: buffer(),
            password: None,
            options: Options::new(),
        }
    }

    /// What the fields cannot say each for itself.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, text) in [("brokers", &self.brokers), ("topic", &self.topic)] {
            if text.trim().is_empty() {
                return Err(format!("`{name}` is empty"));
            }
        }
        options::check(&self.options)
    }

    pub(super) fn client(&self) -> ClientConfig {
        // What is too large for a topic its broker says, which has a limit for each: the library's own is below theirs.
        let largest = self.buffer.bytes().clamp(1_000, 1_000_000_000).to_string();
        let mut options = Options::from([
            ("linger.ms".to_owned(), "5".to_owned()),
            ("message.max.bytes".to_owned(), largest),
        ]);
        options.extend(self.options.clone());
        let mut config = options::client(&self.brokers, self.password.as_ref(), &options);
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("delivery.timeout.ms", self.delivery_timeout.as_millis().to_string())
            .set("queue.buffering.max.kbytes", (self.buffer.bytes() / 1024).to_string());
        config
    }
}
