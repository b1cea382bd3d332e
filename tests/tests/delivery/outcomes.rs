//! One outcome for each root, with its reason.

use std::mem;

use squall::{TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Act, Feeder, Mock, Tracker, advance, quiescent, virtual_time};
use squall_tests::{Done, Held, Slow, assert_counts, ms, s, start};

/// Reads everything through `mock`, feeds 1 to 3, and returns the reasons.
async fn reasons_of(mock: Mock<u64>) -> Vec<Option<Reason>> {
    let feeder = Feeder::new();
    let mut t = TopologyBuilder::new("reasons");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).shuffle(numbers);
    let running = start(t);
    let fed = feeder.feed_all(1..=3);
    quiescent(&running).await;
    feeder.tracker().assert_one_outcome_each();
    assert_counts(&running.status());
    fed.iter().map(|fed| fed.outcome().and_then(|told| told.reason())).collect()
}

#[test]
fn ok_acks() {
    assert_eq!(virtual_time(async || reasons_of(Mock::echo()).await), [None, None, None]);
}

#[test]
fn an_error_fails_its_root_with_explicit() {
    let reasons = virtual_time(async || reasons_of(Mock::fails_every(2)).await);
    assert_eq!(reasons, [None, Some(Reason::Explicit), None]);
}

#[test]
fn a_panic_fails_its_root_with_panic() {
    let reasons = virtual_time(async || reasons_of(Mock::panics_every(2)).await);
    assert_eq!(reasons, [None, Some(Reason::Panic), None]);
}

#[test]
fn a_stall_fails_its_root_with_timeout_and_what_waits_behind_it_goes_on() {
    let reasons = virtual_time(async || reasons_of(Mock::stalls_every(2)).await);
    // The call is dropped at its limit, which is the message timeout unless said.
    assert_eq!(reasons, [None, Some(Reason::Timeout), None]);
}

#[test]
fn a_permanent_error_says_so_and_another_does_not() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| if call.nth == 1 { Act::Refuse } else { Act::Fail });
        let mut t = TopologyBuilder::new("permanent");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        start(t);

        let fed = feeder.feed_all([1, 2]);
        let first = fed[0].settled().await.failure.unwrap();
        let second = fed[1].settled().await.failure.unwrap();

        assert_eq!((first.reason, first.permanent), (Reason::Explicit, true));
        assert_eq!((second.reason, second.permanent), (Reason::Explicit, false));
    });
}

#[test]
fn a_held_anchor_keeps_its_root_pending_until_it_is_acked() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("held");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed(1);
        advance(s(20)).await;
        assert_eq!((fed.outcome(), running.status().roots.pending), (None, 1));
        held.ack();
        fed.settled().await;

        assert!(fed.is_acked());
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_dropped_anchor_fails_its_root_at_once_with_dropped() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("dropped");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hold", held.bolts(|n: &u64| *n == 1)).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all([1, 2]);
        advance(s(1)).await;
        let dropped_at = ms(1000);
        drop(held.take());
        quiescent(&running).await;

        assert_eq!(fed[0].reason(), Some(Reason::Dropped));
        assert_eq!(fed[0].outcome().unwrap().at, dropped_at);
        assert!(fed[1].is_acked());
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_held_anchor_may_fail_its_root() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("failed-later");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
        start(t);

        let fed = feeder.feed(1);
        advance(ms(1)).await;
        held.take().into_iter().for_each(|anchor| anchor.fail(Reason::Explicit));

        assert_eq!(fed.settled().await.reason(), Some(Reason::Explicit));
    });
}

#[test]
fn a_kill_fails_what_is_pending_with_shutdown() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("killed");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all(0..50);
        advance(ms(1)).await;
        running.kill();
        let report = running.wait().await.unwrap();

        assert!(fed.iter().all(|fed| fed.reason() == Some(Reason::Shutdown)));
        assert_eq!((report.roots().failed_by["shutdown"], report.roots().pending), (50, 0));
        assert_eq!(mock.stalled(), 0, "a stalled execute is dropped where it awaits");
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn what_is_left_at_the_deadline_of_a_drain_fails_with_shutdown() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| if call.value == 3 { Act::Stall } else { Act::Pass });
        let mut t = TopologyBuilder::new("deadline");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all([1, 2, 3, 4]);
        advance(ms(10)).await;
        running.drain(s(5));
        let report = running.wait().await.unwrap();

        let reasons: Vec<_> = fed.iter().map(|fed| fed.outcome().unwrap().reason()).collect();
        assert_eq!(reasons, [None, None, Some(Reason::Shutdown), Some(Reason::Shutdown)]);
        assert_eq!(fed[2].outcome().unwrap().at, ms(5010));
        assert_eq!((report.status.state, report.roots().pending), (TopologyState::Ended, 0));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn an_error_of_next_fails_the_root_in_hand_and_the_spout_goes_on() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 2 { Act::Fail } else { Act::Pass });
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("next-fails");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all([1, 2, 3]);
        quiescent(&running).await;

        assert_eq!(fed[1].reason(), Some(Reason::Explicit));
        assert!(fed[0].is_acked() && fed[2].is_acked());
        assert_eq!(mock.values(), [1, 3], "what the failed call emitted is not sent");
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_root_that_nobody_listens_to_is_acked() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("nobody");
        t.spout("numbers", feeder.spouts()).output();
        let running = start(t);

        let (full, empty) = (feeder.feed(1), feeder.feed_together([]));
        quiescent(&running).await;

        assert!(full.is_acked() && empty.is_acked());
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn an_outcome_that_comes_after_the_timeout_is_ignored() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("late");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let late = feeder.feed(1);
        assert_eq!(late.settled().await.reason(), Some(Reason::Timeout));
        // The slot of the late root is used again before its stalled execute ends.
        let next = feeder.feed(2);
        mock.release();
        quiescent(&running).await;

        assert_eq!(late.outcomes().len(), 1);
        assert!(next.is_acked());
        feeder.tracker().assert_one_outcome_each();
        assert_counts(&running.status());
    });
}

#[test]
fn outcomes_are_told_within_a_tenth_of_a_second_though_the_source_is_silent() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("silent");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
        start(t);

        feeder.feed_all(0..200);
        advance(ms(1)).await;
        let began = tokio::time::Instant::now();
        for (n, anchor) in held.take().into_iter().enumerate() {
            anchor.ack();
            advance(ms(7)).await;
            let told = feeder.tracker().outcomes().len();
            assert!(told + 15 >= n, "{told} of {n} after {:?}", began.elapsed());
        }
        advance(ms(101)).await;

        assert_eq!(feeder.tracker().outcomes().len(), 200);
    });
}

/// Tracks what it is told, and takes its time from anew whenever it is interrupted.
struct Forgetful {
    n: u64,
    told: Tracker,
}

impl Spout for Forgetful {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.n >= 100 {
            tokio::time::sleep(ms(50)).await;
        }
        if self.n == 110 {
            return Ok(Next::End);
        }
        self.told.expect(self.n);
        out.track(self.n).emit(self.n);
        self.n += 1;
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, n: u64) {
        self.told.acked(n);
    }
}

#[test]
fn a_next_that_is_interrupted_again_and_again_gets_to_its_end() {
    virtual_time(async || {
        let (told, done) = (Tracker::new(), Done::default());
        let mut t = TopologyBuilder::new("forgetful");
        let tracker = told.clone();
        let numbers = t.spout("numbers", move || Forgetful { n: 0, told: tracker.clone() }).output();
        t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| ms(20))).shuffle(numbers);

        let report = start(t).wait().await.unwrap();

        assert_eq!(report.roots().acked, 110);
        assert!(report.duration < s(5), "{:?}", report.duration);
        told.assert_one_outcome_each();
    });
}

/// One call of `next` with two roots and tuples of none.
struct Mixed(Tracker, bool);

impl Spout for Mixed {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if mem::replace(&mut self.1, true) {
            return Ok(Next::End);
        }
        out.untracked().emit(0);
        for id in [1, 2] {
            self.0.expect(id);
            let root = out.track(id);
            root.emit(id * 10);
            root.emit(id * 10 + 1);
        }
        out.untracked().emit(3);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, id: u64) {
        self.0.acked(id);
    }

    async fn failed(&mut self, id: u64, failure: squall::Failure) {
        self.0.failed(id, failure);
    }
}

#[test]
fn one_call_of_next_may_track_several_roots_and_none() {
    virtual_time(async || {
        let told = Tracker::new();
        let mock = Mock::<u64>::acting(|call| match call.value {
            0 | 3 | 10 => Act::Fail,
            _ => Act::Pass,
        });
        let mut t = TopologyBuilder::new("mixed");
        let tracker = told.clone();
        let numbers = t.spout("mixed", move || Mixed(tracker.clone(), false)).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);

        let report = start(t).wait().await.unwrap();

        assert_eq!(told.failed_ids(), [(1, Reason::Explicit)]);
        assert_eq!(told.acked_ids(), [2]);
        assert_eq!(mock.values(), [0, 10, 20, 21, 3]);
        assert_eq!(report.component("mock").unwrap().dropped_untracked, 2);
    });
}
