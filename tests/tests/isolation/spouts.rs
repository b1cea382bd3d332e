//! Spouts that panic or fail: their roots and their neighbours go on.

use std::{cell::Cell, collections::VecDeque};

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, Tracker, quiescent, virtual_time};
use squall_tests::{assert_counts, budget, start};

#[test]
fn a_panic_of_next_fails_the_root_in_hand_and_the_others_get_their_outcomes() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 50 { Act::Panic } else { Act::Pass });
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("next-panics");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all(0..100);
        quiescent(&running).await;

        assert_eq!(feeder.tracker().failed_ids(), [(49, Reason::Panic)]);
        assert_eq!(fed.iter().filter(|fed| fed.is_acked()).count(), 99);
        assert_eq!(mock.count(), 99, "what the call that panicked emitted is not sent");
        assert_eq!(running.status().component("numbers").unwrap().restarts, 1);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_spout_that_panics_now_and_then_does_not_disturb_another() {
    virtual_time(async || {
        let bad = Feeder::new().acting(|nth| if nth % 3 == 0 { Act::Panic } else { Act::Pass });
        let good = Feeder::of(1000..1100);
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("two-spouts");
        // A run without an ack between two panics counts as fruitless.
        let from_bad = t.spout("bad", bad.spouts()).restart(budget(1000)).output();
        let from_good = t.spout("good", good.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(from_bad).shuffle(from_good);
        let running = start(t);

        bad.feed_all(0..90);
        bad.end();
        let report = running.wait().await.unwrap();

        assert_eq!((bad.tracker().acked_ids().len(), bad.tracker().failed_ids().len()), (60, 30));
        assert_eq!(good.tracker().acked_ids().len(), 100);
        assert_eq!(report.component("good").unwrap().restarts, 0);
        assert_counts(&report.status);
    });
}

#[test]
fn a_permanent_error_of_next_ends_the_topology() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 3 { Act::Refuse } else { Act::Pass });
        let mut t = TopologyBuilder::new("refused");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..5);
        let failed = running.wait().await.unwrap_err();

        assert!(failed.to_string().contains("task 0 of `numbers`"), "{failed}");
        let report = failed.report().unwrap();
        assert_counts(&report.status);
        assert_eq!((report.roots().emitted, report.roots().pending), (3, 0));
        assert_eq!(report.roots().failed_by["explicit"], 1, "counted for what became of it");
        assert_eq!((feeder.emissions(), feeder.waiting()), (3, 2));
    });
}

/// Emits 0 to 19 and panics when it is told of number 7 for the first time.
struct Startled {
    todo: VecDeque<u64>,
    told: Tracker,
}

thread_local! {
    static STARTLED: Cell<bool> = const { Cell::new(false) };
}

impl Spout for Startled {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        let Some(n) = self.todo.pop_front() else { return Ok(Next::End) };
        self.told.expect(n);
        out.track(n).emit(n);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, n: u64) {
        self.told.acked(n);
        assert!(n != 7 || STARTLED.replace(true), "startled by 7");
    }
}

#[test]
fn a_panic_of_ack_does_not_keep_the_other_outcomes_from_being_told() {
    virtual_time(async || {
        STARTLED.set(false);
        let told = Tracker::new();
        let mut t = TopologyBuilder::new("startled");
        let tracker = told.clone();
        let first = Cell::new(true);
        let first = std::sync::Mutex::new(first);
        let numbers = t
            .spout("numbers", move || {
                let is_first = first.lock().unwrap().replace(false);
                let todo = if is_first { (0..20).collect() } else { VecDeque::new() };
                Startled { todo, told: tracker.clone() }
            })
            .output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);

        let report = start(t).wait().await.unwrap();

        assert_eq!(told.acked_ids().len(), 20);
        told.assert_one_outcome_each();
        assert_eq!((report.roots().acked, report.roots().pending), (20, 0));
        assert_eq!(report.component("numbers").unwrap().restarts, 1);
    });
}

/// Emits one number and panics when it is closed.
struct SlamsTheDoor(bool);

impl Spout for SlamsTheDoor {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if std::mem::replace(&mut self.0, true) {
            return Ok(Next::End);
        }
        out.track(1).emit(1);
        Ok(Next::Emitted)
    }

    async fn close(&mut self) {
        panic!("slams the door");
    }
}

#[test]
fn a_panic_of_close_is_reported_and_the_end_is_an_end() {
    virtual_time(async || {
        let mut t = TopologyBuilder::new("door");
        let numbers = t.spout("numbers", || SlamsTheDoor(false)).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);

        let report = start(t).wait().await.unwrap();

        assert_eq!((report.roots().emitted, report.roots().acked), (1, 1));
        let errors = &report.component("numbers").unwrap().errors;
        assert!(errors[0].message.contains("slams the door"), "{errors:?}");
    });
}
