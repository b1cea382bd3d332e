//! The whole way: a topology that runs, a check that finds what is wrong with it, the repair, and what is written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use squall_core::{Anchor, Bolt, Emit, Next, Output, Spout, SpoutOutput};
use squall_runtime::{Options, Running, TopologyState};
use squall_topology::TopologyBuilder;
use tokio::sync::mpsc;

use super::*;
use crate::check::{Bound, Check, Reading, View};
use crate::lookout::{Lookout, Sight};
use crate::{Event, TopologySeen};

/// Has one number, and then waits for more.
struct One(bool);

impl Spout for One {
    type Id = u32;
    type Out = Emit<u32>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u32>, u32>) -> squall_core::Result<Next> {
        if std::mem::replace(&mut self.0, true) {
            return std::future::pending().await;
        }
        out.track(1).emit(1);
        Ok(Next::Emitted)
    }
}

/// Keeps what it gets, and tells that it has: only what takes its task away gets it loose.
struct Hoards {
    kept: Vec<Anchor>,
    has: mpsc::UnboundedSender<u32>,
}

impl Bolt for Hoards {
    type In = u32;
    type Out = ();

    async fn execute(&mut self, number: u32, out: &mut Output<()>) -> squall_core::Result<()> {
        self.kept.push(out.hold());
        self.has.send(number).unwrap();
        Ok(())
    }

    /// It never gives up what it has: a topology that drains goes on to do so.
    async fn drain(&mut self, _: &mut Output<()>) -> squall_core::Result<()> {
        std::future::pending().await
    }
}

/// A process with one topology, and a check of it.
struct Chain {
    lookout: Lookout,
    sight: Sight,
    has: mpsc::UnboundedReceiver<u32>,
}

impl Chain {
    /// Looks at what `measure` says of the topology: more than nothing is wrong, and `heal` is for that.
    fn start(heal: Heal, measure: impl Fn(&TopologySeen) -> f64 + Send + 'static) -> Self {
        let (sender, has) = mpsc::unbounded_channel();
        let mut topology = TopologyBuilder::new("t");
        let numbers = topology.spout("in", || One(false)).output();
        topology.bolt("hoards", move || Hoards { kept: Vec::new(), has: sender.clone() }).shuffle(numbers);
        let running = Running::start(topology.build().unwrap(), Options::default().threads(1)).unwrap();
        let probe = move |view: View<'_>| {
            let there = view.seen.topology("t");
            there.map(|seen| Reading::new(measure(seen)).about("t", "hoards")).into_iter().collect()
        };
        let check = Check::new("hoard", Bound::Above(0.0), probe).lasting(Duration::ZERO).heals(heal);
        let sight = Sight { name: "t", about: "", life: 0, running, checks: vec![check] };
        Self { lookout: Lookout::start().unwrap(), sight, has }
    }

    fn running(&self) -> &Running {
        &self.sight.running
    }

    /// Looks on until as many things of a kind were written down.
    async fn told(&self, kind: &str, times: usize) -> Vec<Arc<Event>> {
        let mut newest = self.lookout.journal().follow();
        loop {
            let all = self.lookout.journal().after(0, 1_000);
            let told: Vec<_> = all.into_iter().filter(|event| event.kind == kind).collect();
            if told.len() >= times {
                return told;
            }
            self.lookout.look_at(vec![self.sight.clone()]);
            newest.changed().await.unwrap();
        }
    }

    /// Looks once more, until the checks have answered and everybody was told.
    async fn look(&self) {
        let mut findings = self.lookout.follow_findings();
        findings.mark_unchanged();
        self.lookout.look_at(vec![self.sight.clone()]);
        findings.changed().await.unwrap();
    }

    fn kinds(&self) -> Vec<&'static str> {
        let all = self.lookout.journal().after(0, 1_000);
        let wanted = |kind: &&str| kind.starts_with("finding") || kind.starts_with("heal");
        all.iter().map(|event| event.kind).filter(wanted).collect()
    }

    async fn end(self) {
        self.running().kill();
        self.running().wait().await.unwrap();
    }
}

fn pending(seen: &TopologySeen) -> f64 {
    seen.pending as f64
}

/// How many tasks it lacks.
fn lacks_of_three(seen: &TopologySeen) -> f64 {
    3.0 - seen.component("hoards").map_or(3.0, |component| component.tasks as f64)
}

#[tokio::test]
async fn a_task_that_keeps_everything_is_restarted_and_its_finding_goes_away() {
    let mut chain = Chain::start(Heal::restart().for_real(), pending);
    chain.has.recv().await.unwrap();

    let cleared = chain.told("finding_cleared", 1).await.remove(0);

    assert!(cleared.sentence.starts_with("no more: "), "{}", cleared.sentence);
    assert_eq!(chain.kinds(), ["finding_raised", "heal", "finding_cleared"]);
    let heal = chain.told("heal", 1).await.remove(0);
    assert_eq!(heal.sentence, "the task of `hoards` was restarted");
    assert_eq!((heal.who.as_deref(), heal.ok), (Some("check hoard"), true));
    assert_eq!((heal.topology.as_deref(), heal.component.as_deref()), (Some("t"), Some("hoards")));
    // What the task held has an outcome, and the engine tells of the restart itself.
    assert_eq!(chain.running().status().roots.pending, 0);
    assert_eq!(chain.told("restarted_as_asked", 1).await.len(), 1);
    chain.end().await;
}

#[tokio::test]
async fn a_component_with_too_few_tasks_gets_more_up_to_its_bound() {
    let mut chain = Chain::start(Heal::rebalance(5, 1..=3).for_real(), lacks_of_three);
    chain.has.recv().await.unwrap();

    chain.told("finding_cleared", 1).await;

    assert_eq!(chain.kinds(), ["finding_raised", "heal", "finding_cleared"]);
    let heal = chain.told("heal", 1).await.remove(0);
    assert_eq!(heal.sentence, "`hoards` was rebalanced from 1 to 3 tasks");
    assert_eq!(chain.running().plan().unwrap().component("hoards").unwrap().tasks, 3);
    chain.end().await;
}

#[tokio::test]
async fn a_spout_is_paused_while_something_is_wrong_and_no_longer() {
    let level = Arc::new(AtomicU64::new(1));
    let measured = Arc::clone(&level);
    let chain =
        Chain::start(Heal::pause_spout("in").for_real(), move |_| measured.load(Ordering::Relaxed) as f64);
    let is_paused = |chain: &Chain| chain.running().status().component("in").unwrap().paused;

    chain.told("heal", 1).await;
    assert!(is_paused(&chain));
    level.store(0, Ordering::Relaxed);
    chain.told("heal", 2).await;

    assert!(!is_paused(&chain));
    assert_eq!(chain.kinds(), ["finding_raised", "heal", "finding_cleared", "heal"]);
    chain.end().await;
}

#[tokio::test]
async fn what_does_not_help_is_done_so_often_and_no_more() {
    let heal = Heal::restart().every(Duration::ZERO).at_most(2, Duration::from_secs(3_600)).for_real();
    let chain = Chain::start(heal, |_| 1.0);

    let refused = chain.told("heal_refused", 1).await.remove(0);
    for _ in 0..3 {
        chain.look().await;
    }

    assert!(refused.sentence.ends_with("it was done 2 times in 1h already: a person has to look"));
    assert_eq!(chain.kinds(), ["finding_raised", "heal", "heal", "heal_refused"]);
    assert_eq!(chain.running().status().component("hoards").unwrap().restarts, 2);
    chain.end().await;
}

#[tokio::test]
async fn nobody_repairs_what_drains() {
    let mut chain = Chain::start(Heal::restart().for_real(), pending);
    chain.has.recv().await.unwrap();
    chain.running().drain(Duration::from_secs(3_600));
    while chain.running().status().state != TopologyState::Draining {
        tokio::task::yield_now().await;
    }

    let refused = chain.told("heal_refused", 1).await.remove(0);

    assert_eq!(refused.sentence, "`hoard` did nothing: `t` drains");
    assert_eq!(chain.kinds(), ["finding_raised", "heal_refused"]);
    assert_eq!(chain.running().status().component("hoards").unwrap().restarts, 0);
    chain.end().await;
}

#[tokio::test]
async fn unless_somebody_says_otherwise_it_is_only_said() {
    let mut chain = Chain::start(Heal::restart(), pending);
    chain.has.recv().await.unwrap();

    let would = chain.told("heal_dry_run", 1).await.remove(0);
    chain.look().await;

    assert_eq!(would.sentence, "the task of `hoards` would be restarted");
    assert_eq!(chain.kinds(), ["finding_raised", "heal_dry_run"]);
    let status = chain.running().status();
    assert_eq!((status.roots.pending, status.component("hoards").unwrap().restarts), (1, 0));
    chain.end().await;
}
