//! What is held at most.

use std::time::Duration;

use squall_connect::kafka::{KafkaOutput, Message, OutputSettings};
use squall_services::Kafka;
use squall_topology::settings::Size;

use crate::rig::{Act, Job, Replay, block_on, settings, topic, wait_for, write};

#[test]
fn no_more_messages_than_the_limit_are_taken_and_all_of_them_come_in_the_end() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..5_000);
    let mut settings = settings(&brokers, &topic);
    settings.max_messages = 50;

    let job = Job::acting(settings, 1, Replay::WithoutReaders, |_| Act::Hold);
    wait_for("the pauses", || {
        let lags = job.source.lags();
        lags.len() == 2 && lags.iter().all(|lag| lag.paused)
    });
    let lags = job.source.lags();
    assert!(lags.iter().all(|lag| lag.under_way == 50), "{lags:?}");
    assert_eq!(job.source.tally().received(), 100);
    assert!(lags.iter().all(|lag| lag.records == 2_500), "what is not fetched is told, too: {lags:?}");

    job.open_gate();
    job.seen.wait_for_all(5_000);
    job.drain();
    assert_eq!(job.seen.values().len(), 5_000, "what was fetched twice comes once");
    assert_eq!(job.source.tally().taken_away(), 0);
}

#[test]
fn the_client_library_fetches_no_more_ahead_than_it_may() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &topic)).unwrap();
    block_on(async {
        for number in 0..200 {
            let mut text = number.to_string().into_bytes();
            text.resize(10_000, b' ');
            let message = Message::new(text).key(number.to_string());
            output.write(&message).await.unwrap();
        }
    });
    let mut settings = settings(&brokers, &topic);
    // One record at a time, slowly: what is ready meanwhile lies with the library.
    (settings.max_messages, settings.prefetch) = (1, Size(64 * 1024));
    let slowly = |_| {
        std::thread::sleep(Duration::from_millis(20));
        Act::Ack
    };
    let job = Job::acting(settings, 1, Replay::WithoutReaders, slowly);
    let mut most = 0;
    wait_for("the last", || {
        most = most.max(job.source.lags().iter().map(|lag| lag.prefetched).sum());
        job.source.tally().done() == 200
    });
    job.drain();
    // A fetch is asked for while there is room, and brings half of that at most, of each partition.
    assert!((1..=64 * 1024 + 2 * 32 * 1024).contains(&most), "{most} bytes");
}

#[test]
fn no_more_bytes_than_the_limit_and_a_record_are_held() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..5_000);
    let mut settings = settings(&brokers, &topic);
    settings.max_bytes = Size(10_000);

    let job = Job::acting(settings, 1, Replay::WithoutReaders, |_| Act::Hold);
    wait_for("the pause", || job.source.lags().iter().any(|lag| lag.paused));
    let held = job.source.bytes();
    assert!((10_000..10_100).contains(&held), "{held} bytes");

    job.open_gate();
    job.seen.wait_for_all(5_000);
    job.drain();
    assert_eq!(job.source.bytes(), 0);
}
