//! What is read, once, and what is committed of it.

use std::collections::BTreeMap;

use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use squall_connect::kafka::{KafkaOutput, Message, OutputSettings, Start};
use squall_services::Kafka;

use crate::rig::{Act, HANGS, Job, Replay, block_on, committed, settings, topic, unique, wait_for, write};

#[test]
fn everything_is_read_once_and_committed_to_the_end() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 4, &[]);
    write(&brokers, &topic, 4, 0..4_000);
    let settings = settings(&brokers, &topic);

    let job = Job::acting(settings.clone(), 2, Replay::WithoutReaders, |_| Act::Ack);
    job.seen.wait_for_all(4_000);
    let report = job.drain();

    let mut values = job.seen.values();
    values.sort_unstable();
    assert_eq!(values, (0..4_000).collect::<Vec<_>>(), "each once");
    assert_eq!((report.status.roots.acked, report.status.roots.pending), (4_000, 0));
    assert_eq!(
        committed(&brokers, &settings.group, &topic, 4),
        BTreeMap::from([(0, 1_000), (1, 1_000), (2, 1_000), (3, 1_000)])
    );
    assert_eq!(job.source.tally().done(), 4_000);
}

#[test]
fn a_record_carries_its_place_its_key_and_its_time() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..4);

    let job = Job::start(settings(&brokers, &topic));
    job.seen.wait_for_all(4);
    job.drain();

    let record = job.seen.records().into_iter().find(|record| record.payload() == b"3").unwrap();
    assert_eq!((&*record.topic, record.partition, record.offset), (topic.as_str(), 1, 1));
    assert_eq!((record.key.as_deref(), record.headers.len()), (Some(&b"3"[..]), 0));
    assert!(record.timestamp_ms.is_some());
}

#[test]
fn a_second_start_goes_on_where_the_first_left_off() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    let settings = settings(&brokers, &topic);

    write(&brokers, &topic, 1, 0..10);
    let first = Job::start(settings.clone());
    first.seen.wait_for_all(10);
    first.drain();
    write(&brokers, &topic, 1, 10..20);
    let second = Job::start(settings);
    second.seen.wait_until("the rest", |values| values.len() >= 10);
    second.drain();

    assert_eq!(second.seen.values(), (10..20).collect::<Vec<_>>());
}

#[test]
fn a_paused_topology_commits_and_goes_on_where_it_was() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    let mut settings = settings(&brokers, &topic);
    settings.commit_interval = std::time::Duration::from_secs(3_600);
    let group = settings.group.clone();

    write(&brokers, &topic, 1, 0..10);
    let job = Job::start(settings);
    job.seen.wait_for_all(10);
    wait_for("the last ack", || job.source.tally().done() == 10);
    assert_eq!(committed(&brokers, &group, &topic, 1), BTreeMap::from([(0, 0)]), "it has an hour");
    job.running().pause();
    wait_for("the commit", || committed(&brokers, &group, &topic, 1) == BTreeMap::from([(0, 10)]));
    write(&brokers, &topic, 1, 10..20);
    job.running().resume();
    job.seen.wait_until("the rest", |values| values.len() == 20);
    job.drain();

    assert_eq!(job.seen.values(), (0..20).collect::<Vec<_>>());
}

#[test]
fn the_lowest_record_that_is_not_done_is_committed_and_comes_again_after_a_kill() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    write(&brokers, &topic, 1, 0..10);
    let settings = settings(&brokers, &topic);

    let hold_three = |value| if value == 3 { Act::Hold } else { Act::Ack };
    let first = Job::acting(settings.clone(), 1, Replay::WithoutReaders, hold_three);
    first.seen.wait_for_all(10);
    wait_for("the other acks", || first.source.tally().done() == 9);
    wait_for("the commit", || committed(&brokers, &settings.group, &topic, 1) == BTreeMap::from([(0, 3)]));
    let lag = &first.source.lags()[0];
    assert_eq!((lag.lowest, lag.next, lag.end, lag.records, lag.under_way), (3, 10, 10, 7, 1));
    assert!(lag.age.is_some());
    first.kill();
    assert_eq!(committed(&brokers, &settings.group, &topic, 1), BTreeMap::from([(0, 3)]));

    let second = Job::start(settings);
    second.seen.wait_until("what was not committed", |values| values.len() >= 7);
    second.drain();
    assert_eq!(second.seen.values(), (3..10).collect::<Vec<_>>());
}

#[test]
fn a_group_that_begins_with_the_latest_keeps_its_place_before_anything_is_done() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    write(&brokers, &topic, 1, 0..5);
    let mut settings = settings(&brokers, &topic);
    settings.start = Start::Latest;

    let first = Job::acting(settings.clone(), 1, Replay::WithoutReaders, |_| Act::Hold);
    wait_for("its place", || committed(&brokers, &settings.group, &topic, 1) == BTreeMap::from([(0, 5)]));
    write(&brokers, &topic, 1, 5..8);
    first.seen.wait_until("what is new", |values| values == [5, 6, 7]);
    first.kill();
    let second = Job::start(settings);
    second.seen.wait_until("what was never done", |values| values == [5, 6, 7]);
    second.drain();
}

#[test]
fn a_spout_that_is_built_anew_keeps_its_partitions_and_hears_what_became_of_its_records() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..10);
    let settings = settings(&brokers, &topic);

    let job = Job::acting(settings.clone(), 1, Replay::WithoutReaders, |_| Act::Hold);
    job.seen.wait_for_all(10);
    block_on(job.running().restart_task("in", 0)).unwrap();
    write(&brokers, &topic, 2, 10..20);
    job.seen.wait_for_all(20);
    job.open_gate();
    wait_for("the acks", || job.source.tally().done() == 20);
    job.drain();

    assert_eq!((job.seen.values().len(), job.source.late(), job.source.tally().assigned()), (20, 0, 2));
    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 10), (1, 10)]));
}

/// Writes in transactions, of which the second is given up.
fn write_in_transactions(brokers: &str, topic: &str) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("transactional.id", unique("transactions"))
        .create()
        .unwrap();
    producer.init_transactions(HANGS).unwrap();
    for (values, is_kept) in [(0..10, true), (100..110, false), (10..20, true)] {
        producer.begin_transaction().unwrap();
        for value in values {
            let text = value.to_string();
            producer.send(BaseRecord::<str, str>::to(topic).payload(&text)).unwrap();
        }
        producer.flush(HANGS).unwrap();
        if is_kept {
            producer.commit_transaction(HANGS).unwrap();
        } else {
            producer.abort_transaction(HANGS).unwrap();
        }
    }
}

#[test]
fn offsets_of_transactions_that_were_given_up_are_no_holes() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    write_in_transactions(&brokers, &topic);
    let settings = settings(&brokers, &topic);

    let job = Job::start(settings.clone());
    job.seen.wait_for_all(20);
    job.drain();

    assert_eq!(job.seen.values(), (0..20).collect::<Vec<_>>(), "in order, without what was given up");
    // Each transaction has a mark at its end: 11 offsets, 11, and 10 of the last.
    assert_eq!(job.seen.records()[10].offset, 22);
    assert_eq!(committed(&brokers, &settings.group, &topic, 1), BTreeMap::from([(0, 32)]));
}

#[test]
fn a_tombstone_is_a_record_without_a_value() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &topic)).unwrap();
    let tombstone = Message { key: Some("gone".into()), ..Message::default() };
    block_on(output.write(&tombstone)).unwrap();

    let job = Job::start(settings(&brokers, &topic));
    job.seen.wait_until("it", |values| values == [-1]);
    job.drain();

    let record = &job.seen.records()[0];
    assert_eq!((record.key.as_deref(), &record.value), (Some(&b"gone"[..]), &None));
    assert_eq!(job.source.tally().done(), 1);
}
