//! A broker that dies and comes back.

use std::collections::BTreeMap;

use squall_connect::kafka::{KafkaOutput, Message, OutputSettings};
use squall_services::Kafka;
use tokio::task::LocalSet;

use crate::rig::{Act, Job, Replay, block_on, committed, settings, topic, wait_for, write};

#[test]
fn a_broker_that_is_killed_and_comes_back_loses_nothing() {
    let Some(kafka) = Kafka::start() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..1_000);
    let settings = settings(&brokers, &topic);

    let job = Job::start(settings.clone());
    job.seen.wait_for_all(1_000);
    kafka.stop_hard();
    kafka.start_again();
    write(&brokers, &topic, 2, 1_000..2_000);
    job.seen.wait_for_all(2_000);
    wait_for("the commits", || {
        committed(&brokers, &settings.group, &topic, 2) == BTreeMap::from([(0, 1_000), (1, 1_000)])
    });
    job.drain();
}

#[test]
fn what_is_written_while_the_broker_dies_is_there_once() {
    let Some(kafka) = Kafka::start() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &topic)).unwrap();

    block_on(LocalSet::new().run_until(async {
        let write = |number: i32| {
            let output = output.clone();
            tokio::task::spawn_local(async move { output.write(&Message::new(number.to_string())).await })
        };
        let before: Vec<_> = (0..5_000).map(write).collect();
        // Some have their answer, the others have not.
        while output.deliveries().sent() < 100 {
            tokio::task::yield_now().await;
        }
        kafka.stop_hard();
        let meanwhile: Vec<_> = (5_000..6_000).map(write).collect();
        kafka.start_again();
        for write in before.into_iter().chain(meanwhile) {
            write.await.unwrap().unwrap();
        }
    }));

    let job = Job::start(settings(&brokers, &topic));
    job.seen.wait_for_all(6_000);
    job.drain();
    assert_eq!(job.seen.values().len(), 6_000, "each once");
    assert_eq!((output.deliveries().sent(), output.deliveries().failed()), (6_000, 0));
}

#[test]
fn partitions_that_the_group_took_away_are_neither_committed_nor_kept_and_come_again() {
    let Some(kafka) = Kafka::start() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..100);
    let settings = settings(&brokers, &topic);

    let hold_seven = |value| if value == 7 { Act::Hold } else { Act::Ack };
    let job = Job::acting(settings.clone(), 1, Replay::WithoutReaders, hold_seven);
    job.seen.wait_for_all(100);
    wait_for("the commits", || {
        committed(&brokers, &settings.group, &topic, 2) == BTreeMap::from([(0, 50), (1, 3)])
    });
    kafka.freeze();
    wait_for("the end of the session", || job.source.tally().taken_away() == 2);
    kafka.thaw();
    job.seen.wait_until("7 again", |values| values.iter().filter(|value| **value == 7).count() == 2);
    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 50), (1, 3)]));
    job.open_gate();
    wait_for("the commits", || {
        committed(&brokers, &settings.group, &topic, 2) == BTreeMap::from([(0, 50), (1, 50)])
    });
    assert_eq!(job.source.late(), 1, "the first 7");
    job.drain();
}
