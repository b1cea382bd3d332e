//! Roots with many tuples: branches, joins, the first failure.

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time, work_for};
use squall_tests::{Held, assert_counts, ms, start};

/// Emits each tuple so many times.
struct Branch(usize);

impl Bolt for Branch {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        (0..self.0).for_each(|_| out.emit(n));
        Ok(())
    }
}

/// Holds tuples until there are so many, then acks them together.
struct Aggregate(usize, Vec<squall::Anchor>);

impl Bolt for Aggregate {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, out: &mut Output<()>) -> Result<()> {
        self.1.push(out.hold());
        if self.1.len() == self.0 {
            self.1.drain(..).for_each(squall::Anchor::ack);
        }
        Ok(())
    }
}

#[test]
fn a_root_is_acked_once_when_its_whole_tree_is_done() {
    virtual_time(async || {
        let (two, four, one) = (Feeder::new(), Feeder::new(), Feeder::new());
        let mut t = TopologyBuilder::new("branches");
        let from_two = t.spout("two", two.spouts()).output();
        let from_four = t.spout("four", four.spouts()).output();
        let from_one = t.spout("one", one.spouts()).output();
        let a = t.bolt("branch-2", || Branch(2)).shuffle(from_two).output();
        let b = t.bolt("branch-4", || Branch(4)).shuffle(from_four).output();
        let c = t.bolt("branch-1", || Branch(1)).shuffle(from_one).output();
        t.bolt("aggregate", || Aggregate(3, Vec::new())).shuffle(a).shuffle(b).shuffle(c);
        start(t);
        let acked = |feeder: &Feeder<u64>| feeder.tracker().acked_ids().len();
        let all = || (acked(&two), acked(&four), acked(&one));

        two.feed(0);
        advance(ms(2)).await;
        assert_eq!(all(), (0, 0, 0), "two of three are held");
        one.feed(0);
        advance(ms(2)).await;
        assert_eq!(all(), (1, 0, 1), "the third completes both");
        four.feed(0);
        advance(ms(2)).await;
        assert_eq!(all(), (1, 0, 1), "one of its four tuples is held");
        one.feed(1);
        advance(ms(2)).await;
        assert_eq!(all(), (1, 0, 1), "two are held");
        two.feed(1);
        advance(ms(2)).await;
        assert_eq!(all(), (1, 1, 2), "one of its own two is held in turn");

        two.tracker().outcomes().iter().for_each(|told| assert_eq!(told.reason(), None));
    });
}

#[test]
fn a_tree_that_branches_at_every_step_has_one_outcome() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::of(0..20), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("deep");
        let mut stream = t.spout("numbers", feeder.spouts()).output();
        for level in 0..5 {
            stream = t.bolt(format!("level-{level}"), || Branch(3)).tasks(2).shuffle(stream).output();
        }
        t.bolt_with("sink", sink.bolts()).fields(stream, |n| n);

        squall_testkit::complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(sink.count(), 20 * 3_usize.pow(5));
        assert_eq!(feeder.tracker().acked_ids().len(), 20);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn the_first_failure_is_told_at_once_while_a_sibling_branch_is_stalled() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let (stalls, fails) = (Mock::<u64>::stalls_every(1), Mock::<u64>::fails_every(1));
        let mut t = TopologyBuilder::new("siblings");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("stalls", stalls.bolts()).shuffle(numbers);
        t.bolt_with("fails", fails.bolts()).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed(1);
        let outcome = fed.settled().await;

        assert_eq!((outcome.reason(), stalls.stalled()), (Some(Reason::Explicit), 1));
        assert_eq!(outcome.at, ms(0));
        stalls.release();
        quiescent(&running).await;
        assert_eq!(fed.outcomes().len(), 1, "the end of the other branch changes nothing");
    });
}

#[test]
fn the_first_reason_wins() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("first");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
        t.bolt_with("panics", Mock::<u64>::panics_every(1).bolts()).shuffle(numbers);
        start(t);

        let fed = feeder.feed(1);
        fed.settled().await;
        drop(held.take());
        advance(ms(10)).await;

        assert_eq!((fed.reason(), fed.outcomes().len()), (Some(Reason::Panic), 1));
    });
}

#[test]
fn what_is_left_of_a_failed_root_is_skipped() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| if call.value == 3 { Act::Fail } else { Act::Pass });
        let mut t = TopologyBuilder::new("skip");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let (batch, next) = (feeder.feed_together(1..=10_u64), feeder.feed(11));
        quiescent(&running).await;

        assert_eq!(batch.reason(), Some(Reason::Explicit));
        assert!(next.is_acked());
        assert_eq!(mock.values(), [1, 2, 3, 11]);
        let status = running.status();
        let bolt = status.component("mock").unwrap();
        assert_eq!((bolt.executed, bolt.refused, bolt.skipped), (4, 1, 7));
    });
}

#[test]
fn a_branch_whose_root_failed_elsewhere_is_skipped_when_its_turn_comes() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let slow = Mock::<u64>::acting(|call| if call.value == 1 { Act::Stall } else { Act::Pass });
        let fails = Mock::<u64>::acting(|call| if call.value == 2 { Act::Fail } else { Act::Pass });
        let mut t = TopologyBuilder::new("elsewhere");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("slow", slow.bolts()).shuffle(numbers);
        t.bolt_with("fails", fails.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(1..=3_u64);
        advance(ms(5)).await;
        slow.release();
        quiescent(&running).await;

        assert_eq!(slow.values(), [1, 3]);
        assert_eq!(running.status().component("slow").unwrap().skipped, 1);
        assert_eq!(feeder.tracker().failed_ids(), [(1, Reason::Explicit)]);
    });
}

/// Flushes a tuple, emits another, and fails.
struct FlushesThenFails;

impl Bolt for FlushesThenFails {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(n);
        out.flush().await;
        out.emit(n + 1);
        Err(Error::retryable("after the flush"))
    }
}

#[test]
fn what_was_flushed_is_not_taken_back_and_the_root_fails_once() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("flushed");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let flushed = t.bolt("flushes", || FlushesThenFails).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).shuffle(flushed);
        let running = start(t);

        let fed = feeder.feed_all([10, 20]);
        quiescent(&running).await;

        assert!(fed.iter().all(|fed| fed.reason() == Some(Reason::Explicit)));
        assert!(sink.values().iter().all(|n| n % 10 == 0), "{:?}", sink.values());
        feeder.tracker().assert_one_outcome_each();
    });
}

/// A turn longer than 5 ms that ended exactly where a run of several tuples ends lost a claim of that run.
#[test]
fn a_long_turn_that_ends_with_a_run_of_several_tuples_loses_nothing() {
    for tuples in 2..=5 {
        for gap in 1..=40 {
            virtual_time(async || long_turns(tuples, gap).await);
        }
    }
}

/// Roots of so many tuples; the last tuple of every `gap`-th root takes long.
async fn long_turns(tuples: u64, gap: u64) {
    let feeder = Feeder::new();
    let mock = Mock::<u64>::acting(move |call| {
        let (root, n) = (call.value / 10, call.value % 10);
        if (root + 1).is_multiple_of(gap) && n == tuples - 1 {
            work_for(ms(6));
        }
        Act::Pass
    });
    let sink = Mock::<u64>::echo();
    let mut t = TopologyBuilder::new("long-turns");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let passed = t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
    t.bolt_with("sink", sink.bolts()).shuffle(passed);
    let running = start(t);

    for root in 0..100_u64 {
        feeder.feed_together((0..tuples).map(|n| root * 10 + n));
    }
    quiescent(&running).await;

    assert_eq!(feeder.tracker().failed_ids(), [], "{tuples} tuples a root, gap {gap}");
    assert_eq!(sink.count() as u64, 100 * tuples);
    feeder.tracker().assert_one_outcome_each();
    assert_counts(&running.status());
}
