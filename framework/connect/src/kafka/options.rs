//! What is passed through to the client library, and what is not.

use std::collections::BTreeMap;

use rdkafka::{ClientConfig, error::KafkaError};
use serde::{Deserialize, Deserializer, de::Error};
use squall_topology::Secret;

/// Options of the client library by their names in its documentation.
pub type Options = BTreeMap<String, String>;

/// What the delivery promises stand on, or what has a setting of its own, and what to use instead.
const OWNED: [(&str, &str); 27] = [
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
    ("message.timeout.ms", "write `delivery_timeout`"),
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

/// What the names of options have in them that are secrets: they stand in no configuration.
const SECRETS: [&str; 5] = ["password", "passphrase", "secret", "key.pem", "oauthbearer.config"];

/// The mechanisms of SASL that the library is built with.
const LOGINS: [&str; 3] = ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"];

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
        if SECRETS.iter().any(|secret| name.contains(secret)) {
            return Err(format!(
                "the option `{name}` is a secret: write `password = {{ file = \"…\" }}` for `sasl.password`, and let \
                 the library read keys from files of their own"
            ));
        }
    }
    check_login(options)
}

/// The library would go by Kerberos if nothing is said, and by what it is built without only when it is too late.
fn check_login(options: &Options) -> Result<(), String> {
    let known = LOGINS.join(", ");
    let mut said =
        ["sasl.mechanism", "sasl.mechanisms"].iter().filter_map(|name| options.get_key_value(*name));
    if let Some((name, value)) = said.clone().find(|(_, value)| !LOGINS.contains(&value.as_str())) {
        return Err(format!(
            "the option `{name}` is `{value}`, which is none of those that this program has: {known}"
        ));
    }
    let protocol = options.get("security.protocol").map(|protocol| protocol.to_ascii_lowercase());
    let logs_in = matches!(protocol.as_deref(), Some("sasl_plaintext" | "sasl_ssl"));
    if logs_in && said.next().is_none() {
        return Err(format!("the option `sasl.mechanism` is missing: it is one of {known}"));
    }
    Ok(())
}

/// Why the library refuses its options: which of them, and not what it says, for that may be a secret.
pub(super) fn refusal(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, _, name, _) => {
            format!("the client library refuses its options: `{name}` is unknown to it, or not of its kind")
        }
        error => format!("the client library refuses its options: {error}"),
    }
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
