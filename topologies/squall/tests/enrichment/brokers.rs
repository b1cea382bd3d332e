//! The broker is away.

use std::thread;
use std::time::Duration;

use squall_services::Kafka;

use crate::dice::{activities, dice, number};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::topic::{Topic, in_flight};
use crate::verdict::{distinct, judge};

/// How long it is away.
fn outage() -> Duration {
    Duration::from_secs(number("SQUALL_OUTAGE").unwrap_or(4))
}

#[test]
fn everything_comes_out_after_a_broker_was_frozen() {
    let Some(kafka) = Kafka::start() else { return };
    away("broker frozen", &kafka, || kafka.freeze(), || kafka.thaw());
}

#[test]
fn everything_comes_out_after_a_broker_was_killed() {
    let Some(kafka) = Kafka::start() else { return };
    away("broker killed", &kafka, || kafka.stop_hard(), || kafka.start_again());
}

fn away(what: &str, kafka: &Kafka, stop: impl FnOnce(), go_on: impl FnOnce()) {
    let mut dice = dice(what);
    let events = Events::of(activities(), &mut dice);
    let (input, output) = (Topic::new(&kafka.brokers(), "in"), Topic::new(&kafka.brokers(), "out"));
    let scene = Scene::new();
    // It takes six seconds.
    let source = input.source_at("node", activities() / 6);
    let configuration = format!("{source}{}{}", output.sink(), scene.enrichers());
    let nodes = [Node::new(&configuration, &Manner::default())];
    nodes[0].start();
    input.write(&events, Duration::from_secs(1), &mut dice);
    let mut before = 0;
    wait_until("the first activities", &nodes, || {
        before = distinct(&output.read());
        before > events.len() / 10
    });
    assert!(before < events.len() / 2, "{what}: {before} of {} were out before", events.len());

    stop();
    thread::sleep(outage());
    assert!(nodes[0].is_running(), "{what}: {}", nodes[0].log());
    go_on();

    wait_until("the rest", &nodes, || distinct(&output.read()) == events.len());
    nodes[0].end();
    let verdict = judge(what, &events, &output.read());
    println!("{what} for {:?}", outage());
    assert!(verdict.repeated <= in_flight(), "{} came again, {} at most", verdict.repeated, in_flight());
}
