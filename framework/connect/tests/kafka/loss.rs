//! Records that are gone before they are read.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::{Offset, TopicPartitionList, admin::AdminOptions};
use squall_connect::kafka::{OnLoss, SourceSettings, Stop};
use squall_services::Kafka;

use crate::rig::{Act, Job, Replay, admin, block_on, committed, settings, topic, wait_for, write};

/// As retention does it.
fn forget_before(brokers: &str, topic: &str, partition: i32, offset: i64) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset)).unwrap();
    let result = block_on(admin(brokers).delete_records(&list, &AdminOptions::new())).unwrap();
    result.elements().iter().for_each(|element| element.error().unwrap());
}

/// A group that has read five records of each of two partitions, of which 15 of the first are gone since.
fn overtaken(brokers: &str) -> (String, SourceSettings) {
    let topic = topic(brokers, 2, &[]);
    let settings = settings(brokers, &topic);
    write(brokers, &topic, 2, 0..10);
    let job = Job::start(settings.clone());
    job.seen.wait_for_all(10);
    job.drain();
    write(brokers, &topic, 2, 10..80);
    forget_before(brokers, &topic, 0, 20);
    (topic, settings)
}

#[test]
fn a_partition_whose_next_record_is_gone_stops_and_says_what_is_lost() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let (topic, settings) = overtaken(&brokers);

    let job = Job::start(settings.clone());
    job.seen.wait_until("the other partition", |values| values.len() == 35);
    wait_for("the stop", || job.source.lags()[0].stopped.is_some());
    let lag = job.source.lags().into_iter().next().unwrap();
    assert_eq!(lag.stopped, Some(Stop::OutOfRange { wanted: 5, oldest: 20, end: 40 }));
    assert_eq!((lag.partition, job.source.tally().lost()), (0, 15));
    job.drain();

    assert!(job.seen.records().iter().all(|record| record.partition == 1));
    assert_eq!(
        committed(&brokers, &settings.group, &topic, 2),
        BTreeMap::from([(0, 5), (1, 40)]),
        "it was not reset"
    );
}

#[test]
fn one_that_may_go_on_goes_on_with_the_oldest_and_counts_what_is_lost() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let (topic, mut settings) = overtaken(&brokers);
    settings.on_loss = OnLoss::GoOn;

    let job = Job::start(settings.clone());
    job.seen.wait_until("what is left", |values| values.len() == 35 + 20);
    job.drain();

    assert_eq!(job.source.tally().lost(), 15);
    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 40), (1, 40)]));
}

#[test]
fn how_long_the_topic_keeps_its_records_is_told_with_the_lag() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[("retention.ms", "3600000")]);

    let job = Job::start(settings(&brokers, &topic));

    wait_for("the answer", || job.source.lags().iter().any(|lag| lag.kept.is_some()));
    assert_eq!(job.source.lags()[0].kept, Some(Duration::from_secs(3_600)));
    job.drain();
}

/// A job that holds its first record while what it would read next goes.
fn overtaken_while_it_runs(brokers: &str, on_loss: OnLoss) -> (Job, SourceSettings, String) {
    let topic = topic(brokers, 1, &[]);
    let mut settings = settings(brokers, &topic);
    (settings.max_messages, settings.on_loss) = (1, on_loss);
    write(brokers, &topic, 1, 0..100);
    let hold_zero = |value| if value == 0 { Act::Hold } else { Act::Ack };
    let job = Job::acting(settings.clone(), 1, Replay::WithoutReaders, hold_zero);
    wait_for("the pause", || job.source.lags().iter().any(|lag| lag.paused));
    let next = job.source.lags()[0].next;
    assert_eq!(next, 1, "its limit is one");
    forget_before(brokers, &topic, 0, 60);
    job.open_gate();
    (job, settings, topic)
}

#[test]
fn one_that_is_overtaken_while_it_reads_stops() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let (job, settings, topic) = overtaken_while_it_runs(&brokers, OnLoss::Stop);

    wait_for("the stop", || job.source.lags()[0].stopped.is_some());
    let lag = job.source.lags().into_iter().next().unwrap();
    assert_eq!(lag.stopped, Some(Stop::OutOfRange { wanted: 1, oldest: 60, end: 100 }));
    assert_eq!((job.source.tally().lost(), lag.room()), (59, 0));
    job.drain();
    assert_eq!(committed(&brokers, &settings.group, &topic, 1), BTreeMap::from([(0, 1)]));
}

#[test]
fn one_that_is_overtaken_while_it_reads_and_may_go_on_does() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let (job, settings, topic) = overtaken_while_it_runs(&brokers, OnLoss::GoOn);

    job.seen.wait_until("the last", |values| values.contains(&99));
    job.drain();
    assert_eq!(job.source.tally().lost(), 59);
    assert_eq!(committed(&brokers, &settings.group, &topic, 1), BTreeMap::from([(0, 100)]));
    assert_eq!(job.seen.values(), [0].into_iter().chain(60..100).collect::<Vec<_>>());
}
