//! Records that fail for good.

use std::collections::BTreeMap;

use squall_connect::kafka::Stop;
use squall_services::Kafka;

use crate::rig::{Act, Job, Replay, committed, settings, topic, wait_for, write};

#[test]
fn a_poisoned_record_becomes_a_dead_letter_and_blocks_nobody() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    write(&brokers, &topic, 1, 0..100);
    let settings = settings(&brokers, &topic);

    let refuse_seven = |value| if value == 7 { Act::Refuse } else { Act::Ack };
    let job = Job::acting(settings.clone(), 1, Replay::WithReaders, refuse_seven);
    job.dead.wait_until("the letter", |values| values == [7]);
    job.seen.wait_for_all(100);
    wait_for("the commit", || committed(&brokers, &settings.group, &topic, 1) == BTreeMap::from([(0, 100)]));
    job.drain();

    assert_eq!(job.dead.records()[0].offset, 7);
}

#[test]
fn a_record_that_fails_is_emitted_again_before_it_is_given_up() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    write(&brokers, &topic, 1, 0..10);
    let settings = settings(&brokers, &topic);

    let fail_four = |value| if value == 4 { Act::Fail } else { Act::Ack };
    let job = Job::acting(settings.clone(), 1, Replay::WithReaders, fail_four);
    job.dead.wait_until("the letter", |values| values == [4]);
    wait_for("the commit", || committed(&brokers, &settings.group, &topic, 1) == BTreeMap::from([(0, 10)]));
    job.drain();

    assert_eq!(job.seen.values().iter().filter(|value| **value == 4).count(), 3, "three attempts");
}

#[test]
fn without_a_reader_of_dead_letters_it_stops_its_partition_and_no_other() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..100);
    let settings = settings(&brokers, &topic);

    let refuse_eight = |value| if value == 8 { Act::Refuse } else { Act::Ack };
    let job = Job::acting(settings.clone(), 1, Replay::None, refuse_eight);
    wait_for("the commits", || {
        committed(&brokers, &settings.group, &topic, 2) == BTreeMap::from([(0, 4), (1, 50)])
    });
    let lags = job.source.lags();
    let why = "explicit, `work` (task 0): never".to_owned();
    assert_eq!(lags[0].stopped, Some(Stop::Failed { offset: 4, why }));
    assert_eq!(lags[1].stopped, None);
    write(&brokers, &topic, 2, 100..110);
    wait_for("the other one", || committed(&brokers, &settings.group, &topic, 2)[&1] == 55);
    job.drain();

    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 4), (1, 55)]));
}
