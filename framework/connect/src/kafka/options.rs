//! What is passed through to the client library, and what is not.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;
use serde::{Deserialize, Deserializer, de::Error};
use squall_topology::Secret;

/// Options of the client library by their names in its documentation.
pub type Options = BTreeMap<String, String>;

/// What the delivery promises stand on, or what has a setting of its own, and what to use instead.
const OWNED: [(&str, &str); 26] = [
    ("acks", "every write waits for all replicas"),
    ("auto.commit.enable", "offsets are committed when their records are done"),
    ("auto.commit.interval.ms", "write `commit_interval`"),
    ("auto.offset.reset", "write `start` and `on_loss`"),
    ("bootstrap.servers", "write `brokers`"),
    ("delivery.timeout.ms", "write `delivery_timeout`"),
    ("enable.auto.commit", "offsets are committed when their records are done"),
    ("enable.auto.offset.store", "offsets are committed when their records are done"),
    ("enable.idempotence", "writes are idempotent"),
    ("enable.partition.eof", "it would mean nothing here"),
    ("fetch.max.bytes", "write `prefetch`"),
    ("fetch.message.max.bytes", "write `prefetch`"),
    ("group.id", "write `group`"),
    ("group.instance.id", "write `instance`"),
    ("group.protocol", "members join by the classic protocol"),
    ("heartbeat.interval.ms", "write `session_timeout`"),
    ("max.partition.fetch.bytes", "write `prefetch`"),
    ("metadata.broker.list", "write `brokers`"),
    ("partition.assignment.strategy", "partitions are assigned cooperatively"),
    ("queue.buffering.max.kbytes", "write `buffer`"),
    ("queued.max.messages.kbytes", "write `prefetch`"),
    ("queued.min.messages", "write `prefetch`"),
    ("request.required.acks", "every write waits for all replicas"),
    ("session.timeout.ms", "write `session_timeout`"),
    ("statistics.interval.ms", "it is asked each second"),
    ("transactional.id", "writes are idempotent, and in no transaction"),
];

/// Options that are secrets: they stand in no configuration.
const SECRETS: [&str; 6] = [
    "sasl.password",
    "sasl.oauthbearer.client.secret",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.config",
];

/// Reads options, each of which may be passed through.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Options, D::Error> {
    let options = Options::deserialize(deserializer)?;
    check(&options).map_err(D::Error::custom)?;
    Ok(options)
}

/// Names the first option that may not be passed through.
pub(super) fn check(options: &Options) -> Result<(), String> {
    for name in options.keys() {
        if let Some((_, instead)) = OWNED.iter().find(|(owned, _)| owned == name) {
            return Err(format!("the option `{name}` is not passed through: {instead}"));
        }
        if SECRETS.contains(&name.as_str()) {
            return Err(format!(
                "the option `{name}` is a secret: write `password = {{ file = \"…\" }}` for `sasl.password`, and let \
                 the library read keys from files of their own"
            ));
        }
    }
    Ok(())
}

/// What readers and writers have in common. What is set on it later wins.
pub(super) fn client(brokers: &str, password: Option<&Secret>, options: &Options) -> ClientConfig {
    let mut config = ClientConfig::new();
    // A broker that comes back is found soon.
    config.set("reconnect.backoff.max.ms", "2000").set("client.id", "squall");
    for (name, value) in options {
        config.set(name, value);
    }
    config.set("bootstrap.servers", brokers);
    if let Some(password) = password {
        config.set("sasl.password", password.expose());
    }
    config
}
