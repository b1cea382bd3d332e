use std::time::SystemTime;

use squall_core::{Bolt, Emit, Next, Output, Spout, SpoutOutput};
use squall_runtime::Options;
use squall_topology::TopologyBuilder;
use tokio::sync::mpsc;
use tokio::time::pause;

use super::*;
use crate::check::{Bound, Check, Reading, View};
use crate::lookout::Sight;

/// Has so many numbers, and then waits for more.
struct Few(u32);

impl Spout for Few {
    type Id = u32;
    type Out = Emit<u32>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u32>, u32>) -> squall_core::Result<Next> {
        if self.0 == 0 {
            return std::future::pending().await;
        }
        self.0 -= 1;
        out.track(self.0).emit(self.0);
        Ok(Next::Emitted)
    }
}

/// Tells that it has begun, and never ends.
struct Slow(mpsc::UnboundedSender<u32>);

impl Bolt for Slow {
    type In = u32;
    type Out = ();

    async fn execute(&mut self, number: u32, _: &mut Output<()>) -> squall_core::Result<()> {
        self.0.send(number).unwrap();
        std::future::pending().await
    }
}

/// A topology that runs, a check that says its bolt is slow, and a clock that is told the time.
struct Bed {
    healer: Healer,
    running: Running,
    journal: Journal,
    check: Check,
    now: Instant,
    begun: mpsc::UnboundedReceiver<u32>,
}

impl Bed {
    fn new(heal: Heal) -> Self {
        Self::with(heal, 0)
    }

    /// So many numbers are in flight.
    fn with(heal: Heal, numbers: u32) -> Self {
        let (sender, begun) = mpsc::unbounded_channel();
        let mut topology = TopologyBuilder::new("t");
        let numbers = topology.spout("in", move || Few(numbers)).output();
        topology.bolt("slow", move || Slow(sender.clone())).tasks(2).shuffle(numbers);
        let running = Running::start(topology.build().unwrap(), Options::default()).unwrap();
        let (sights, journal) = (Sights::default(), Journal::default());
        let sight = Sight { name: "t", about: "", life: 0, running: running.clone(), checks: Vec::new() };
        sights.set(vec![sight]);
        let check = Check::new("slow", Bound::Above(0.9), |_: View<'_>| Vec::new()).heals(heal);
        Self {
            healer: Healer::new(sights, journal.clone()),
            running,
            journal,
            check,
            now: Instant::now(),
            begun,
        }
    }

    /// So many seconds pass, in each of which the check finds the bolt slow.
    async fn slow_for(&mut self, seconds: u64) {
        for _ in 0..seconds {
            let reading = Reading::new(1.0).about("t", "slow");
            let finding = Finding::new(&self.check, reading, SystemTime::now());
            self.healer.round(self.now, &[finding]).await;
            self.now += Duration::from_secs(1);
        }
    }

    /// A second passes in which all is well.
    async fn is_well(&mut self) {
        self.healer.round(self.now, &[]).await;
        self.now += Duration::from_secs(1);
    }

    /// A second passes in which these components are found slow.
    async fn found(&mut self, slow: &[&str]) {
        let finding =
            |name: &&str| Finding::new(&self.check, Reading::new(1.0).about("t", *name), SystemTime::now());
        let findings: Vec<Finding> = slow.iter().map(finding).collect();
        self.healer.round(self.now, &findings).await;
        self.now += Duration::from_secs(1);
    }

    fn is_paused(&self) -> bool {
        self.running.status().component("in").unwrap().paused
    }

    fn tasks(&self) -> usize {
        self.running.status().component("slow").unwrap().tasks
    }

    /// What was written down: the kind and the sentence.
    fn told(&self) -> Vec<(&'static str, String)> {
        self.journal.after(0, 100).into_iter().map(|event| (event.kind, event.sentence.clone())).collect()
    }

    async fn end(self) {
        self.running.kill();
        self.running.wait().await.unwrap();
    }
}

fn words(told: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let kinds = ["heal", "heal_dry_run", "heal_refused", "heal_unknown"];
    let kind = |wanted: &str| kinds.into_iter().find(|kind| *kind == wanted).unwrap();
    told.iter().map(|(wanted, sentence)| (kind(wanted), (*sentence).to_owned())).collect()
}

#[tokio::test]
async fn a_slow_bolt_gets_more_tasks_until_the_bound() {
    let mut bed = Bed::new(
        Heal::rebalance(2, 1..=5)
            .every(Duration::from_secs(60))
            .at_most(9, Duration::from_secs(3_600))
            .for_real(),
    );

    bed.slow_for(1).await;
    assert_eq!(bed.tasks(), 4);
    bed.slow_for(59).await;
    assert_eq!(bed.tasks(), 4, "what was done is given time to help");
    bed.slow_for(300).await;

    assert_eq!(bed.tasks(), 5);
    let told = [
        ("heal", "`slow` was rebalanced from 2 to 4 tasks"),
        ("heal", "`slow` was rebalanced from 4 to 5 tasks"),
        ("heal_refused", "`slow` did nothing: `slow` has 5 tasks already, and the bounds are 1 to 5"),
    ];
    assert_eq!(bed.told(), words(&told));
    let event = &bed.journal.after(0, 1)[0];
    assert_eq!((event.who.as_deref(), event.component.as_deref()), (Some("check slow"), Some("slow")));
    bed.end().await;
}

#[tokio::test]
async fn it_is_done_so_often_and_then_a_person_has_to_look() {
    let heal = Heal::restart().every(Duration::from_secs(10)).at_most(2, Duration::from_secs(600)).for_real();
    let mut bed = Bed::new(heal);

    bed.slow_for(590).await;
    let restarted = ("heal", "the 2 tasks of `slow` were restarted, one after the other");
    let spent =
        ("heal_refused", "`slow` did nothing: it was done 2 times in 10m already: a person has to look");
    assert_eq!(bed.told(), words(&[restarted, restarted, spent]));
    bed.slow_for(20).await;

    assert_eq!(bed.told().len(), 4, "after the window it may be done again");
    bed.end().await;
}

#[tokio::test]
async fn nothing_is_done_to_a_topology_that_drains() {
    let mut bed = Bed::with(Heal::rebalance(1, 1..=4).for_real(), 1);
    bed.begun.recv().await.unwrap();
    bed.running.drain(Duration::from_secs(3_600));
    while bed.running.status().state != TopologyState::Draining {
        tokio::task::yield_now().await;
    }

    bed.slow_for(3).await;

    assert_eq!(bed.tasks(), 2);
    assert_eq!(bed.told(), words(&[("heal_refused", "`slow` did nothing: `t` drains")]));
    bed.end().await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let mut bed = Bed::new(Heal::rebalance(2, 1..=8));

    bed.slow_for(30).await;

    assert_eq!(bed.tasks(), 2);
    let would = ("heal_dry_run", "`slow` would be rebalanced from 2 to 4 tasks");
    assert_eq!(bed.told(), words(&[would]));
    bed.end().await;
}

#[tokio::test]
async fn a_spout_that_was_paused_goes_on_when_all_is_well() {
    let mut bed = Bed::new(Heal::pause_spout("in").for_real());
    let is_paused = |bed: &Bed| bed.running.status().component("in").unwrap().paused;

    bed.slow_for(100).await;
    assert!(is_paused(&bed));
    bed.is_well().await;

    assert!(!is_paused(&bed));
    let told = [
        ("heal", "spout `in` was paused until all is well"),
        ("heal", "all is well again: spout `in` was resumed"),
    ];
    assert_eq!(bed.told(), words(&told));
    bed.end().await;
}

#[tokio::test]
async fn what_the_engine_refuses_counts_like_what_is_done() {
    let heal = Heal::pause_spout("slow").every(Duration::from_secs(10)).at_most(2, Duration::from_secs(600));
    let mut bed = Bed::new(heal.for_real());

    bed.slow_for(500).await;

    let told = bed.told();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[..2].iter().all(|(_, what)| what.starts_with("`slow` could not do it: ")), "{told:?}");
    assert!(told[2].1.ends_with("a person has to look"), "{told:?}");
    bed.end().await;
}

#[tokio::test]
async fn what_gives_no_answer_in_time_counts_and_is_told_as_unknown() {
    let heal = Heal::rebalance(1, 1..=4)
        .every(Duration::from_secs(10))
        .at_most(2, Duration::from_secs(600))
        .for_real();
    let mut bed = Bed::new(heal);
    // Somebody else has the turn, and keeps it; here time passes at once when all wait.
    let running = bed.running.clone();
    let turn = running.turn().await;
    pause();

    bed.slow_for(60).await;

    let unknown =
        ("heal_unknown", "nobody knows what became of the rebalance of `slow`: no answer within 2m");
    let spent =
        ("heal_refused", "`slow` did nothing: it was done 2 times in 10m already: a person has to look");
    assert_eq!(bed.told(), words(&[unknown, unknown, spent]));
    assert_eq!(bed.tasks(), 2);
    drop(turn);
    bed.end().await;
}

#[tokio::test]
async fn a_spout_that_a_person_has_paused_before_stays_paused() {
    let mut bed = Bed::new(Heal::pause_spout("in").for_real());
    bed.running.pause_component("in").unwrap();

    bed.slow_for(3).await;
    bed.is_well().await;

    assert!(bed.is_paused());
    assert_eq!(bed.told().len(), 1, "{:?}", bed.told());
    bed.end().await;
}

#[tokio::test]
async fn a_spout_that_a_person_pauses_or_resumes_meanwhile_is_left_to_the_person() {
    let mut bed = Bed::new(Heal::pause_spout("in").for_real());
    bed.slow_for(1).await;
    bed.running.resume_component("in").unwrap();
    bed.slow_for(200).await;
    assert!(!bed.is_paused(), "a person wants it to go on");
    bed.is_well().await;

    bed.now += Duration::from_secs(60);
    bed.slow_for(1).await;
    assert!(bed.is_paused(), "a new finding is a new case");
    bed.running.pause_component("in").unwrap();
    let asked = NewEvent::new("pause_spout", "spout `in` was paused").about("t", "in").by("ada", "");
    bed.journal.write(asked);
    bed.is_well().await;

    assert!(bed.is_paused(), "a person wants it to stay");
    bed.end().await;
}

#[tokio::test]
async fn a_spout_that_two_findings_pause_goes_on_with_the_last() {
    let mut bed = Bed::new(Heal::pause_spout("in").for_real());

    bed.found(&["slow", "in"]).await;
    bed.found(&["in"]).await;
    assert!(bed.is_paused());
    bed.found(&[]).await;

    assert!(!bed.is_paused());
    assert_eq!(bed.told().len(), 2, "{:?}", bed.told());
    bed.end().await;
}

#[test]
fn a_step_stays_within_its_bounds_and_never_goes_back() {
    assert_eq!(wanted(2, 3, 1, 4), 4);
    assert_eq!(wanted(9, 1, 1, 4), 9, "a person gave it more than the bounds allow");
    assert_eq!(wanted(5, -2, 4, 8), 4);
    assert_eq!(wanted(2, -1, 4, 8), 2);
    assert_eq!(wanted(2, i64::MAX, 1, 1_024), 1_024);
}
