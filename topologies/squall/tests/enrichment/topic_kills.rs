//! Killed at random while a topic goes somewhere.

use std::thread;
use std::time::Duration;

use squall_services::Kafka;

use crate::dice::{activities, dice, kills};
use crate::events::Events;
use crate::node::{Manner, Node, wait_until};
use crate::scene::Scene;
use crate::topic::{Topic, in_flight};
use crate::verdict::{different, distinct, judge, judge_letters};

#[test]
fn a_topic_is_in_files_whole_however_often_processes_are_killed() {
    let what = killed_at_random(
        "topic to files, killed",
        2,
        "[enrichment.sink]\ntype = 'files'\ncap = '1GiB'\n",
        &[],
        |nodes| nodes.iter().flat_map(|node| node.segments("activities")).collect(),
    );
    what.iter().for_each(Killed::assert_bounded);
}

#[test]
fn a_topic_is_in_another_whole_however_often_processes_are_killed() {
    let Some(kafka) = Kafka::shared() else { return };
    let output = Topic::new(&kafka.brokers(), "out");
    let what = killed_at_random("topic to topic, killed", 2, &output.sink(), &[], |_| output.read());
    what.iter().for_each(Killed::assert_bounded);
}

/// After a kill, what the process had sent may still be on its way.
const ARRIVES: Duration = Duration::from_millis(500);

/// What came of the kills.
pub(crate) struct Killed {
    /// How many activities came out again.
    pub(crate) repeated: usize,
    /// How much was out at the kills that the group had not done, all together, and what was under way wherever somebody was
    /// stopped for so long that it gave partitions up.
    at_stake: usize,
}

impl Killed {
    fn assert_bounded(&self) {
        println!("{} came again, {} at most", self.repeated, self.at_stake);
        assert!(self.repeated <= self.at_stake, "{} came again, {} at most", self.repeated, self.at_stake);
    }
}

/// Writes activities to a topic while processes that read it are killed and started again.
pub(crate) fn killed_at_random(
    what: &str,
    processes: usize,
    sink: &str,
    secrets: &[(&str, String)],
    came_out: impl Fn(&[Node]) -> Vec<String>,
) -> Option<Killed> {
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
    let letters = || nodes.iter().flat_map(|node| node.segments("dead")).collect::<Vec<_>>();
    nodes.iter().for_each(Node::start);
    let mut at_stake = 0;
    thread::scope(|scope| {
        let (events, input, mut chance) = (&events, &input, dice.fork());
        let span = Duration::from_millis(kills() * 2000);
        scope.spawn(move || input.write(events, span, &mut chance));
        for _ in 0..kills() {
            let node = &nodes[dice.usize(..nodes.len())];
            node.kill_at_random(&mut dice);
            thread::sleep(ARRIVES);
            // In this order: what others do meanwhile counts, too.
            let done = input.committed();
            at_stake += (distinct(&came_out(&nodes)) + different(&letters())).saturating_sub(done);
            node.start();
        }
    });

    wait_until("the rest", &nodes, || distinct(&came_out(&nodes)) == events.len());
    nodes.iter().for_each(Node::end);
    let verdict = judge(what, &events, &came_out(&nodes));
    judge_letters(what, &events, &letters());
    println!("{what}: {} kills of {processes} processes", kills());
    at_stake += nodes.iter().map(Node::undone).sum::<usize>() * in_flight();
    Some(Killed { repeated: verdict.repeated, at_stake })
}
