//! Against brokers within this process, which fail as they are told.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::{
    mocking::MockCluster,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use squall_connect::kafka::{KafkaOutput, Message, OutputSettings};
use squall_topology::settings::Size;
use tokio::task::LocalSet;

use crate::rig::{Job, block_on, committed, settings, wait_for, write};

/// The numbers of Kafka's requests.
fn offset_commit() -> rdkafka::types::RDKafkaApiKey {
    rdkafka::types::RDKafkaApiKey::OffsetCommit
}

fn produce() -> rdkafka::types::RDKafkaApiKey {
    rdkafka::types::RDKafkaApiKey::Produce
}

#[test]
fn everything_is_read_once_and_committed_to_the_end() {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("numbers", 4, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    write(&brokers, "numbers", 4, 0..1_000);
    let settings = settings(&brokers, "numbers");

    let job = Job::start(settings.clone());
    job.seen.wait_for_all(1_000);
    job.drain();

    assert_eq!(job.seen.values().len(), 1_000);
    let ends = (0..4).map(|partition| (partition, 250)).collect::<BTreeMap<_, _>>();
    assert_eq!(committed(&brokers, &settings.group, "numbers", 4), ends);
}

#[test]
fn an_offset_that_the_broker_refuses_is_offered_again() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("numbers", 1, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    write(&brokers, "numbers", 1, 0..10);
    let settings = settings(&brokers, "numbers");
    let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    cluster.request_errors(offset_commit(), &[refusal, refusal]);

    let job = Job::start(settings.clone());
    job.seen.wait_for_all(10);
    wait_for("the commit", || {
        committed(&brokers, &settings.group, "numbers", 1) == BTreeMap::from([(0, 10)])
    });

    assert!(job.source.tally().failed_commits() >= 2);
    job.drain();
}

#[test]
fn an_offset_that_is_said_to_be_gone_and_is_not_is_read_on_even_if_nobody_can_say_so_at_first() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("numbers", 1, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    write(&brokers, "numbers", 1, 0..50);
    let job = Job::start(settings(&brokers, "numbers"));
    job.seen.wait_for_all(50);

    let cannot = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    // Two are one question: the first is refused, and of the second one half.
    cluster.request_errors(RDKafkaApiKey::ListOffsets, &[cannot; 3]);
    cluster.request_errors(RDKafkaApiKey::Fetch, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE]);
    write(&brokers, "numbers", 1, 50..100);

    job.seen.wait_for_all(100);
    let report = job.drain();
    assert_eq!((report.roots().acked, job.source.tally().lost()), (100, 0));
}

#[test]
fn a_write_that_is_refused_for_now_is_tried_again_and_is_there_once() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("numbers", 1, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    let moved = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
    cluster.request_errors(produce(), &[moved, moved, moved]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, "numbers")).unwrap();

    block_on(async {
        for number in 0..10 {
            output.write(&Message::new(number.to_string())).await.unwrap();
        }
    });

    let job = Job::start(settings(&brokers, "numbers"));
    job.seen.wait_for_all(10);
    job.drain();
    assert_eq!(job.seen.values(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_full_buffer_waits_and_everything_is_written_when_the_broker_is_back() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("numbers", 1, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    let mut settings = OutputSettings::new(&brokers, "numbers");
    settings.buffer = Size(1024 * 1024);
    let output = KafkaOutput::new(settings).unwrap();
    block_on(output.write(&Message::new("first"))).unwrap();
    cluster.broker_down(1).unwrap();

    block_on(LocalSet::new().run_until(async {
        let writes: Vec<_> = (0..300)
            .map(|_| {
                let output = output.clone();
                tokio::task::spawn_local(async move { output.write(&Message::new(vec![b'x'; 10_000])).await })
            })
            .collect();
        // All of them were asked for once; no more than the buffer takes are under way.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let under_way = output.deliveries().under_way();
        assert!((90..=105).contains(&under_way), "{under_way} of 10 kB in 1 MiB");
        cluster.broker_up(1).unwrap();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        output.flush().await.unwrap();
    }));

    assert_eq!((output.deliveries().sent(), output.deliveries().under_way()), (301, 0));
}

#[test]
fn a_message_that_nobody_takes_in_time_may_be_tried_again() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("numbers", 1, 1).unwrap();
    let mut settings = OutputSettings::new(cluster.bootstrap_servers(), "numbers");
    settings.delivery_timeout = Duration::from_secs(1);
    let output = KafkaOutput::new(settings).unwrap();
    cluster.broker_down(1).unwrap();

    let error = block_on(output.write(&Message::new("one"))).unwrap_err();
    assert!(!error.is_permanent(), "{error}");
    assert_eq!((output.deliveries().failed(), output.deliveries().under_way()), (1, 0));
}
