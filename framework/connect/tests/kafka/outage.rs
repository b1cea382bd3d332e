//! A broker that dies and comes back.

use std::collections::BTreeMap;

use squall_services::Kafka;

use crate::rig::{Job, committed, settings, topic, wait_for, write};

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
