//! The disk is full for a while.

use std::thread;
use std::time::Duration;

use squall_enrichment::{EventId, Generator};
use squall_services::SmallDisk;

use crate::dice::{dice, number};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::table::Table;
use crate::verdict::{distinct, judge};

/// How long the disk is full.
fn full() -> Duration {
    Duration::from_secs(number("SQUALL_OUTAGE").unwrap_or(4))
}

const EVENTS: usize = 2500;

/// Events a second.
const RATE: usize = 1000;

/// What a generator of this seed makes, whenever it does.
fn generated(seed: u64) -> Events {
    let mut generator = Generator::new(seed);
    let lines: Vec<_> = (0..EVENTS).map(|_| generator.event(0)).collect();
    let by_id = lines.iter().map(|line| (EventId::of(line).unwrap().to_string(), line.clone())).collect();
    Events { lines, by_id, poison: Vec::new() }
}

#[test]
fn segments_on_a_full_disk_lose_nothing_and_go_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(24 << 20) else { return };
    full_disk("segments", &disk, "[enrichment.sink]\ntype = 'files'\ncap = '1GiB'\n", |node| {
        node.segments("activities")
    });
}

#[test]
fn a_database_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(48 << 20) else { return };
    let table = Table::sqlite(disk.path());
    full_disk("SQLite", &disk, &table.sink, |_| table.rows());
}

fn full_disk(what: &str, disk: &SmallDisk, sink: &str, came_out: impl Fn(&Node) -> Vec<String>) {
    let seed = dice(what).u64(..1 << 32);
    let events = generated(seed);
    let scene = Scene::new();
    let configuration = format!(
        "[enrichment.source]\ntype = 'generator'\nseed = {seed}\nrate = {RATE}\nevents = {EVENTS}\n{sink}{}",
        scene.enrichers()
    );
    let nodes =
        [Node::new(&configuration, &Manner { data: Some(&disk.path().join("data")), ..Manner::default() })];
    let [node] = &nodes;
    node.start();
    wait_until("the first activities", &nodes, || came_out(node).len() > EVENTS / 8);

    // It must not be done before the disk is full.
    node.freeze();
    disk.fill();
    node.thaw();
    node.wait_for_line("full");
    thread::sleep(full());
    let before = distinct(&came_out(node));
    assert!(before < EVENTS, "{what}: nothing was left to do");
    disk.make_room();

    wait_until("the rest", &nodes, || !node.is_running() || distinct(&came_out(node)) == EVENTS);
    println!("{what}: {before} of {EVENTS} were out while the disk was full for {:?}", full());
    assert_same_ids(what, &events, &came_out(node));
    let log = node.log();
    let lines = log.lines().filter(|line| line.contains(" WARN ") || line.contains("ERROR")).count();
    println!("{what}: {lines} warnings and errors in a log");
    assert!(lines < 200, "{what}: a flood of {lines} lines:\n{log}");
}

/// Its times are others at every start.
fn assert_same_ids(what: &str, events: &Events, came_out: &[String]) {
    let now: Vec<_> = came_out.iter().map(|line| without_enrichment(line)).collect();
    let by_id = now.iter().map(|line| (EventId::of(line).unwrap().to_string(), line.clone())).collect();
    let now = Events { lines: now, by_id, poison: Vec::new() };
    assert!(now.by_id.keys().eq(events.by_id.keys()), "{what}: {} of {EVENTS}", now.by_id.len());
    judge(what, &now, came_out);
}

fn without_enrichment(line: &str) -> String {
    let (event, _) = line.rsplit_once(",\"enrichment\":").unwrap();
    format!("{event}}}")
}
