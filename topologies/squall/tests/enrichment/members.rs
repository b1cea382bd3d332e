//! Processes join and leave a group.

use std::thread;
use std::time::Duration;

use squall_services::Kafka;

use crate::dice::{activities, dice, kills};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::topic::{Topic, in_flight};
use crate::verdict::{distinct, judge};

/// How long a process is a member, at most, in milliseconds.
const LONGEST: u64 = 2500;

#[test]
fn every_activity_comes_out_while_processes_join_and_leave_and_hardly_any_twice() {
    let what = "members that join and leave";
    let Some(kafka) = Kafka::shared() else { return };
    let mut dice = dice(what);
    let events = Events::of(activities(), &mut dice);
    let (input, output) = (Topic::new(&kafka.brokers(), "in"), Topic::new(&kafka.brokers(), "out"));
    let scene = Scene::new();
    let node = |number| {
        let source = input.source(&format!("node-{number}"));
        Node::new(&format!("{source}{}{}", output.sink(), scene.enrichers()), &Manner::default())
    };
    let nodes: Vec<_> = (0..2).map(node).collect();
    nodes[0].start();
    let mut killed = 0;
    thread::scope(|scope| {
        let (events, input, mut chance) = (&events, &input, dice.fork());
        scope.spawn(move || input.write(events, Duration::from_millis(kills() * 1500), &mut chance));
        for _ in 0..kills() {
            nodes[1].start();
            // Before that, a signal ends it as it ends anybody.
            nodes[1].wait_for_line("Topology started");
            thread::sleep(Duration::from_millis(dice.u64(..LONGEST)));
            // One in four is not asked.
            if dice.u8(..4) == 0 {
                nodes[1].kill();
                killed += 1;
            } else {
                nodes[1].end();
            }
            thread::sleep(Duration::from_millis(dice.u64(..LONGEST / 5)));
        }
    });

    wait_until("the rest", &nodes, || distinct(&output.read()) == events.len());
    nodes[0].end();
    let verdict = judge(what, &events, &output.read());
    println!("{what}: {} joins, {killed} of the leaves by SIGKILL", kills());
    // Whoever is stopped for longer than it may drain, or be silent, says so.
    let bound = (killed + nodes.iter().map(Node::undone).sum::<usize>()) * in_flight();
    assert!(verdict.repeated <= bound, "{} came again, {bound} at most", verdict.repeated);
}
