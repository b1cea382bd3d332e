//! A failure says which task failed the root, and what it said.

use squall::{Cause, Failure, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Call, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Held, s, start};

/// The failure of a root at the last of three tasks behind another bolt.
async fn failure_of(act: Act) -> Failure {
    let feeder = Feeder::new();
    let mock = Mock::acting(move |_: &Call<u64>| act);
    let mut t = TopologyBuilder::new("causes");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let passed = t.bolt_with("pass", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
    t.bolt_with("mock", mock.bolts()).tasks(3).direct(passed, |_| 2);
    let running = start(t);
    let fed = feeder.feed(7);
    quiescent(&running).await;
    fed.outcome().unwrap().failure.unwrap()
}

fn cause(component: &str, task: usize, message: &str) -> Cause {
    Cause { component: component.to_owned(), task, message: message.to_owned() }
}

#[test]
fn an_error_is_told_with_its_task_and_its_text() {
    virtual_time(async || {
        let refused = failure_of(Act::Refuse).await;
        assert_eq!(refused.cause.as_deref(), Some(&cause("mock", 2, "the mock refuses as told")));
        assert!(refused.permanent);
    });
}

#[test]
fn a_panic_is_told_with_its_task_and_its_text() {
    virtual_time(async || {
        let cause = failure_of(Act::Panic).await.cause.unwrap();
        assert_eq!((cause.component.as_str(), cause.task), ("mock", 2));
        assert!(cause.message.starts_with("panicked: the mock panics as told"), "{}", cause.message);
    });
}

#[test]
fn what_strikes_between_two_tasks_is_told_of_the_emitting_one() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("between");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).tasks(2).direct(numbers, |_| 2);
        let running = start(t);
        let fed = feeder.feed(7);
        quiescent(&running).await;

        let failure = fed.outcome().unwrap().failure.unwrap();
        let message = "the direct grouping of stream `default` chose task 2 of 2, counted from 0";
        assert_eq!(failure.cause.as_deref(), Some(&cause("numbers", 0, message)));
    });
}

#[test]
fn the_holder_of_an_anchor_is_told_when_it_is_dropped_or_refused() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("holder");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("holder", held.bolts(|_: &u64| true)).shuffle(numbers);
        let running = start(t);
        let (dropped, refused) = (feeder.feed(1), feeder.feed(2));
        advance(s(1)).await;

        let mut anchors = held.take();
        anchors.pop().unwrap().refuse(&Error::retryable("not today"));
        drop(anchors);

        let cause_of = |outcome: squall_testkit::Outcome| outcome.failure.unwrap().cause.unwrap();
        assert_eq!(*cause_of(dropped.settled().await), cause("holder", 0, "a held anchor was dropped"));
        assert_eq!(*cause_of(refused.settled().await), cause("holder", 0, "not today"));
        quiescent(&running).await;
    });
}

#[test]
fn nobody_fails_a_root_that_times_out() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let stalls = Mock::<u64>::stalls_every(1);
        let mut t = TopologyBuilder::new("timeout");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
        t.bolt_with("mock", stalls.bolts()).shuffle(numbers);
        let running = start(t);
        let fed = feeder.feed(7);
        advance(s(2)).await;

        let failure = fed.outcome().unwrap().failure.unwrap();
        assert_eq!((failure.reason, failure.cause), (Reason::Timeout, None));
        stalls.release();
        quiescent(&running).await;
    });
}
