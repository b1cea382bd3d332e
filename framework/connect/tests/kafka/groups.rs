//! Members that come and go.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use squall_connect::kafka::{KafkaSource, SourceSettings};
use squall_services::Kafka;

use crate::rig::{Act, Job, Replay, committed, settings, topic, wait_for, write};

#[test]
fn members_come_and_go_and_nothing_is_lost_or_done_twice_while_commits_grow() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 4, &[]);
    let mut settings = settings(&brokers, &topic);
    patiently(&mut settings);
    let is_over = Arc::new(AtomicBool::new(false));
    let watch = watch_commits(&brokers, &settings.group, &topic, &is_over);

    let first = Job::start(settings.clone());
    first.wait_for_partitions(4);
    let mut values: Vec<i32> = Vec::new();
    for round in 0..3 {
        write(&brokers, &topic, 4, round * 2_000..round * 2_000 + 1_000);
        let second = Job::start(settings.clone());
        second.wait_for_partitions(2);
        wait_for("the others", || first.source.lags().len() == 2);
        write(&brokers, &topic, 4, round * 2_000 + 1_000..round * 2_000 + 2_000);
        wait_for("all of the round", || {
            (values.len() + first.seen.values().len() + second.seen.values().len()) as i32
                >= (round + 1) * 2_000
        });
        second.drain();
        first.wait_for_partitions(4);
        assert_eq!(second.source.tally().undrained(), 0);
        values.extend(second.seen.values());
    }
    first.drain();
    is_over.store(true, Ordering::Relaxed);
    watch.join().unwrap();

    values.extend(first.seen.values());
    values.sort_unstable();
    assert_eq!(values, (0..6_000).collect::<Vec<_>>());
    assert_eq!(
        first.source.tally().revoked(),
        3 * 2 + 4,
        "two each time that another came, and all at the end"
    );
    assert_eq!(committed(&brokers, &settings.group, &topic, 4).values().sum::<i64>(), 6_000);
}

/// Nobody is taken for dead, however long it stands still.
fn patiently(settings: &mut SourceSettings) {
    (settings.session_timeout, settings.drain_timeout) = (Duration::from_secs(60), Duration::from_secs(29));
}

/// Looks at the group's offsets until it is over: none of them goes back.
fn watch_commits(
    brokers: &str,
    group: &str,
    topic: &str,
    is_over: &Arc<AtomicBool>,
) -> thread::JoinHandle<()> {
    let (brokers, group, topic) = (brokers.to_owned(), group.to_owned(), topic.to_owned());
    let is_over = Arc::clone(is_over);
    thread::spawn(move || {
        let mut before = BTreeMap::new();
        while !is_over.load(Ordering::Relaxed) {
            let now = committed(&brokers, &group, &topic, 4);
            for (partition, offset) in &before {
                assert!(
                    now[partition] >= *offset,
                    "partition {partition} went from {offset} to {}",
                    now[partition]
                );
            }
            before = now;
        }
    })
}

#[test]
fn what_is_acked_too_late_moves_nothing_of_the_next_owner() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..2);
    let settings = settings(&brokers, &topic);

    let first = Job::acting(settings.clone(), 1, Replay::WithoutReaders, |_| Act::Hold);
    first.seen.wait_for_all(2);
    let second = Job::acting(settings.clone(), 1, Replay::WithoutReaders, |_| Act::Hold);
    second.seen.wait_until("what came again", |values| values.len() == 1);
    assert_eq!(first.source.tally().undrained(), 1);

    first.open_gate();
    wait_for("the late ack", || first.source.late() == 1);
    wait_for("that of the other", || {
        committed(&brokers, &settings.group, &topic, 2).values().sum::<i64>() == 1
    });
    let given = second.seen.records()[0].partition;
    assert_eq!(committed(&brokers, &settings.group, &topic, 2)[&given], 0, "its owner has not done it");

    second.open_gate();
    wait_for("its ack", || committed(&brokers, &settings.group, &topic, 2)[&given] == 1);
    second.drain();
    first.drain();
}

#[test]
fn what_is_under_way_is_done_before_its_partition_goes() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..2);
    let mut settings = settings(&brokers, &topic);
    patiently(&mut settings);

    let first = Job::acting(settings.clone(), 1, Replay::WithoutReaders, |_| Act::Hold);
    first.seen.wait_for_all(2);
    let second = Job::start(settings.clone());
    wait_for("the wish of the group", || first.source.lags().iter().any(|lag| lag.draining));
    first.open_gate();
    second.wait_for_partitions(1);
    second.drain();
    first.drain();

    assert_eq!((first.source.tally().undrained(), second.seen.values()), (0, vec![]));
    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 1), (1, 1)]));
}

#[test]
fn a_static_member_that_starts_again_moves_no_partitions_of_others() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 4, &[]);
    let named = |instance: &str, group: &str| {
        let mut settings = settings(&brokers, &topic);
        settings.instance = Some(instance.to_owned());
        settings.session_timeout = std::time::Duration::from_secs(30);
        settings.group = group.to_owned();
        settings
    };
    let group = crate::rig::unique("group");

    let stays = Job::start(named("stays", &group));
    stays.wait_for_partitions(4);
    let goes = Job::start(named("goes", &group));
    goes.wait_for_partitions(2);
    stays.wait_for_partitions(2);
    let owned: Vec<i32> = goes.source.lags().iter().map(|lag| lag.partition).collect();
    let moved = stays.source.tally().revoked() + stays.source.tally().assigned();
    goes.drain();
    let back = Job::start(named("goes", &group));
    back.wait_for_partitions(2);

    let again: Vec<i32> = back.source.lags().iter().map(|lag| lag.partition).collect();
    assert_eq!(again, owned);
    assert_eq!(stays.source.tally().revoked() + stays.source.tally().assigned(), moved);
    back.drain();
    stays.drain();
}

#[test]
fn a_record_that_waits_for_its_next_attempt_stays_when_other_partitions_go() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..2);
    let settings = settings(&brokers, &topic);
    let may_pass = Arc::new(AtomicBool::new(false));

    let acting = |may_pass: Arc<AtomicBool>| {
        move |_| if may_pass.load(Ordering::Relaxed) { Act::Ack } else { Act::Fail }
    };
    let first = Job::acting(settings.clone(), 1, Replay::ForEver, acting(Arc::clone(&may_pass)));
    first.seen.wait_for_all(2);
    let second = Job::acting(settings.clone(), 1, Replay::ForEver, acting(Arc::clone(&may_pass)));
    second.wait_for_partitions(1);
    first.wait_for_partitions(1);
    let kept = first.source.lags()[0].clone();
    assert_eq!((kept.under_way, kept.next), (1, 1), "it is not read anew");
    may_pass.store(true, Ordering::Relaxed);
    wait_for("both", || committed(&brokers, &settings.group, &topic, 2) == BTreeMap::from([(0, 1), (1, 1)]));

    second.drain();
    first.drain();
    assert_eq!((first.source.tally().received(), second.source.tally().received()), (2, 1));
}

#[test]
fn a_member_whose_name_another_one_takes_ends_and_its_task_joins_anew() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..100);
    let mut settings = settings(&brokers, &topic);
    settings.instance = Some("only".to_owned());

    let first = Job::start(settings.clone());
    first.seen.wait_for_all(100);
    let second = Job::start(settings.clone());
    wait_for("its turn", || second.source.tally().assigned() > 0);
    wait_for("that of the first again", || first.source.tally().assigned() > 2);
    second.kill();
    write(&brokers, &topic, 2, 100..200);
    first.seen.wait_until("the rest", |values| (100..200).all(|value| values.contains(&value)));
    first.drain();
    assert_eq!(committed(&brokers, &settings.group, &topic, 2), BTreeMap::from([(0, 100), (1, 100)]));
}

#[test]
fn a_member_that_nobody_works_with_any_more_leaves_its_group() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 2, &[]);
    write(&brokers, &topic, 2, 0..10);
    let settings = settings(&brokers, &topic);

    let source = KafkaSource::new(settings.clone()).unwrap();
    let spout = source.spout_of(0).unwrap();
    wait_for("its partitions", || source.lags().len() == 2);
    drop(spout);
    let other = Job::start(settings);
    other.wait_for_partitions(2);
    other.seen.wait_for_all(10);
    other.drain();

    // Whoever works with it again joins again.
    let spout = source.spout_of(0).unwrap();
    wait_for("its partitions", || source.lags().len() == 2);
    drop(spout);
}
