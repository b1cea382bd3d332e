//! Killed at random while a topic goes somewhere.

use std::thread;
use std::time::Duration;

use squall_services::Kafka;

use crate::dice::{activities, dice, kills};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::topic::{Topic, in_flight};
use crate::verdict::{distinct, judge, judge_letters};

#[test]
fn a_topic_is_in_files_whole_however_often_processes_are_killed() {
    let repeated = killed_at_random(
        "topic to files, killed",
        2,
        "[enrichment.sink]\ntype = 'files'\ncap = '1GiB'\n",
        &[],
        |nodes| nodes.iter().flat_map(|node| node.segments("activities")).collect(),
    );
    assert_bounded(repeated);
}

#[test]
fn a_topic_is_in_another_whole_however_often_processes_are_killed() {
    let Some(kafka) = Kafka::shared() else { return };
    let output = Topic::new(&kafka.brokers(), "out");
    let repeated = killed_at_random("topic to topic, killed", 2, &output.sink(), &[], |_| output.read());
    assert_bounded(repeated);
}

/// What was under way at each kill may come out again.
fn assert_bounded(repeated: Option<usize>) {
    let bound = usize::try_from(kills()).unwrap() * in_flight();
    assert!(repeated.is_none_or(|repeated| repeated <= bound), "{repeated:?} came again, {bound} at most");
}

/// Writes activities to a topic while processes that read it are killed and started again; gives how many came out
/// more than once.
pub(crate) fn killed_at_random(
    what: &str,
    processes: usize,
    sink: &str,
    secrets: &[(&str, String)],
    came_out: impl Fn(&[Node]) -> Vec<String>,
) -> Option<usize> {
    let kafka = Kafka::shared()?;
    let mut dice = dice(what);
    let events = Events::of(activities(), &mut dice);
    let input = Topic::new(&kafka.brokers(), "in");
    let scene = Scene::new();
    let nodes: Vec<_> = (0..processes)
        .map(|number| {
            let configuration =
                format!("{}{sink}{}", input.source(&format!("node-{number}")), scene.enrichers());
            Node::new(&configuration, &Manner { secrets, ..Manner::default() })
        })
        .collect();
    nodes.iter().for_each(Node::start);
    thread::scope(|scope| {
        let (events, input, mut chance) = (&events, &input, dice.fork());
        let span = Duration::from_millis(kills() * 1000);
        scope.spawn(move || input.write(events, span, &mut chance));
        for _ in 0..kills() {
            let node = &nodes[dice.usize(..nodes.len())];
            node.kill_at_random(&mut dice);
            thread::sleep(Duration::from_millis(dice.u64(..300)));
            node.start();
        }
    });

    wait_until("the rest", &nodes, || distinct(&came_out(&nodes)) == events.len());
    nodes.iter().for_each(Node::end);
    let verdict = judge(what, &events, &came_out(&nodes));
    let letters: Vec<_> = nodes.iter().flat_map(|node| node.segments("dead")).collect();
    judge_letters(what, &events, &letters);
    println!("{what}: {} kills of {processes} processes", kills());
    Some(verdict.repeated)
}
