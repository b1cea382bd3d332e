//! A broker that is reached over TLS, and lets in whoever knows its password.

use std::time::Duration;

use rdkafka::ClientConfig;
use squall_connect::kafka::{KafkaOutput, Message, Options, OutputSettings};
use squall_services::Kafka;
use squall_topology::Secret;

use crate::rig::{Job, block_on, settings, topic_by};

/// What a client has to know of it besides the password.
fn options(kafka: &Kafka) -> Options {
    let certificate = kafka.certificate().display().to_string();
    let options = [
        ("security.protocol", "sasl_ssl"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.username", Kafka::user()),
        ("ssl.ca.location", &certificate),
    ];
    options.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// A topic there.
fn topic(kafka: &Kafka) -> String {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka.brokers()).set("sasl.password", Kafka::password());
    for (name, value) in options(kafka) {
        config.set(name, value);
    }
    topic_by(&config.create().unwrap(), 1, &[])
}

fn output(kafka: &Kafka, topic: &str) -> OutputSettings {
    OutputSettings {
        password: Some(Secret::new(Kafka::password())),
        options: options(kafka),
        ..OutputSettings::new(kafka.brokers(), topic)
    }
}

#[test]
fn records_go_over_tls_and_come_back() {
    let Some(kafka) = Kafka::start_locked() else { return };
    let topic = topic(&kafka);

    let output = KafkaOutput::new(output(&kafka, &topic)).unwrap();
    for value in 0..50 {
        block_on(output.write(&Message::new(value.to_string()))).unwrap();
    }
    let mut settings = settings(&kafka.brokers(), &topic);
    settings.password = Some(Secret::new(Kafka::password()));
    settings.options = options(&kafka);
    // One with a name looks at its group over a connection of its own.
    settings.instance = Some("member".to_owned());
    let job = Job::start(settings);

    job.seen.wait_for_all(50);
    assert_eq!(job.drain().roots().acked, 50);
}

#[test]
fn nothing_is_sent_to_a_broker_that_nobody_vouches_for_nor_taken_from_whoever_does_not_know_the_password() {
    let Some(kafka) = Kafka::start_locked() else { return };
    let topic = topic(&kafka);
    let strange = |change: fn(&mut OutputSettings)| {
        let mut settings =
            OutputSettings { delivery_timeout: Duration::from_secs(3), ..output(&kafka, &topic) };
        change(&mut settings);
        block_on(KafkaOutput::new(settings).unwrap().write(&Message::new("x")))
    };

    for refused in [
        strange(|settings| _ = settings.options.remove("ssl.ca.location")),
        strange(|settings| settings.password = Some(Secret::new("another"))),
        strange(|settings| {
            settings.options.insert("security.protocol".to_owned(), "plaintext".to_owned());
        }),
    ] {
        let error = refused.unwrap_err();
        assert!(!error.is_permanent(), "{error}");
    }
    block_on(KafkaOutput::new(output(&kafka, &topic)).unwrap().write(&Message::new("x"))).unwrap();
}
