//! The disk is full while messages become due.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use squall_services::SmallDisk;

use crate::asked::Place;
use crate::author;
use crate::client::Client;
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::store::Store;
use crate::verdict::judge;

const MESSAGES: usize = 150;

/// From when messages are scheduled to when they are due.
const LEAD: Duration = Duration::from_secs(3);

/// How long the disk is full.
const FULL: Duration = Duration::from_secs(3);

/// Requests that come meanwhile.
const REFUSED: usize = 20;

#[test]
fn a_full_disk_is_said_to_be_full_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount(12 << 20) else { return };
    let manner = Manner { data: Some(disk.path()), lease: Some(60), ..Manner::default() };
    let scene = Scene::new(Store::sqlite(), 0, &manner);
    scene.lose_nothing();
    scene.nodes.iter().for_each(Node::start);
    scene.nodes.iter().for_each(Node::listens);
    let begin = Instant::now();
    let due_at = Timestamp::now() + LEAD;
    let asked = author::schedule(&scene.addresses(), 0..MESSAGES, due_at, &Place::ALL);
    thread::sleep((begin + LEAD - Duration::from_millis(500)).saturating_duration_since(Instant::now()));
    disk.fill();

    let mut client = Client::of(scene.nodes[0].address());
    let draft = json!({"account": "a", "destination": "honest", "text": "x".repeat(60_000), "in": "1h"});
    let mut refused = 0;
    for _ in 0..REFUSED {
        let (status, answer) = client.send("POST", "/api/v1/messages", "", &draft.to_string()).unwrap();
        assert!(status == 201 || status == 503, "{status} {answer}");
        refused += usize::from(status == 503);
        if status == 201 {
            let path = format!("/api/v1/messages/{}/cancel", answer["id"].as_str().unwrap());
            drop(client.send("POST", &path, "", ""));
        }
    }
    println!("disk full: {refused} of {REFUSED} requests were refused");
    assert!(refused > 0, "the disk is not full");
    thread::sleep(FULL);
    let before: usize = scene.spots.values().map(|spot| spot.receiver.raw_count()).sum();
    disk.make_room();

    let rows = scene.settled(&asked);
    println!("disk full: {before} messages went out meanwhile");
    judge("disk full", &scene, &asked, &rows);
    scene.took_one_attempt(&rows);
    scene.said_little("disk full", 20 + REFUSED);
}
