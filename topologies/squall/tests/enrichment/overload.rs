//! What a process says of a topic that it cannot keep up with.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::Value;
use squall_services::Kafka;

use crate::dice::{activities, dice};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::topic::Topic;
use crate::verdict::{distinct, judge};

/// Part of what there is, a second.
fn per_s() -> usize {
    activities() / 20
}

fn told(nodes: &[Node]) -> Option<Value> {
    serde_json::from_str(&nodes[0].ask("/api/v1/enrichment/overload")?).ok()
}

#[test]
fn a_backlog_is_told_with_when_it_is_drained_and_then_it_is() {
    let what = "a topic that waits";
    let Some(kafka) = Kafka::shared() else { return };
    let mut dice = dice(what);
    let events = Events::of(activities(), &mut dice);
    let (input, output) = (Topic::new(&kafka.brokers(), "in"), Topic::new(&kafka.brokers(), "out"));
    input.write(&events, Duration::ZERO, &mut dice);
    let scene = Scene::new();
    let source = input.source_at("one", per_s());
    let nodes = [Node::new(&format!("{source}{}{}", output.sink(), scene.enrichers()), &Manner::default())];
    nodes[0].start();

    let records = |told: &Value| told["backlog_records"].as_u64().unwrap();
    let mut now = Value::Null;
    wait_until("the backlog", &nodes, || {
        now = told(&nodes).unwrap_or_default();
        // While it begins, less is done than may be.
        now["capacity_from"] == "limit" && now["out_per_s"] != 0.0 && records(&now) > 0
    });
    assert!(records(&now) <= events.lines.len() as u64, "{now}");
    // Nothing arrives any more: all of the capacity drains.
    assert_eq!(now["in_per_s"], 0.0, "{now}");
    let drain = now["predicted_drain_s"].as_f64().unwrap();
    let expected = records(&now) as f64 / per_s() as f64;
    assert!((drain - expected).abs() <= 0.051, "{drain} and not {expected}: {now}");
    assert!(now["backlog_age_s"].as_f64().unwrap() > 0.0, "{now}");
    let metrics = nodes[0].ask("/metrics").unwrap();
    assert!(metrics.contains("squall_enrichment_predicted_drain_seconds"), "{metrics}");

    wait_until("the rest", &nodes, || distinct(&output.read()) == events.len());
    wait_until("nothing to do", &nodes, || told(&nodes).is_some_and(|told| records(&told) == 0));
    let now = told(&nodes).unwrap();
    assert_eq!((&now["predicted_drain_s"], &now["lost_records"]), (&0.0.into(), &0.into()), "{now}");
    let curve: Vec<_> = now["curve"].as_array().unwrap().iter().map(|point| &point["backlog"]).collect();
    assert!(curve.iter().any(|backlog| backlog.as_u64() > Some(0)), "{curve:?}");
    nodes[0].end();
    judge(what, &events, &output.read());
}

#[test]
fn what_is_left_until_the_topic_forgets_is_told_before_anything_is_forgotten() {
    let what = "a topic that is read no further";
    let Some(kafka) = Kafka::shared() else { return };
    let mut dice = dice(what);
    let events = Events::of(activities(), &mut dice);
    let (input, output) = (Topic::new(&kafka.brokers(), "in"), Topic::new(&kafka.brokers(), "out"));
    input.write(&events, Duration::ZERO, &mut dice);
    // All waits for one who never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let enricher = format!(
        "[enrichment.enricher.score]\ntype = 'influence-service'\nurl = 'http://{}/{{key}}'\n",
        silent.local_addr().unwrap()
    );
    let nodes =
        [Node::new(&format!("{}{}{enricher}", input.source("one"), output.sink()), &Manner::default())];
    nodes[0].start();

    let mut left = None;
    wait_until("what is left", &nodes, || {
        left = told(&nodes).and_then(|now| now["retention_left_s"].as_f64());
        left.is_some()
    });

    // A topic's records are kept for a week if nothing else is said. These have just been written, and each second they
    // are about a second older.
    let week = 7.0 * 86_400.0;
    assert!((0.5 * week..2.0 * week).contains(&left.unwrap()), "{left:?}");
    let metrics = nodes[0].ask("/metrics").unwrap();
    assert!(metrics.contains("squall_enrichment_retention_left_seconds"), "{metrics}");
    nodes[0].kill();
}
