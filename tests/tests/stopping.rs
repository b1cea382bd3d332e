//! A topology that is told to stop says so at once, has the time that it was given, and is then gone.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use squall::{TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, virtual_time};
use squall_tests::{Held, ms, s, start};

/// A topology with one root that nobody lets go of.
fn held(feeder: &Feeder<u64>, held: &Held) -> TopologyBuilder {
    let mut t = TopologyBuilder::new("held");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(3600)).output();
    t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
    t
}

#[test]
fn a_drain_is_seen_at_once_and_over_at_its_deadline() {
    for deadline in [s(20), s(10), ms(100)] {
        virtual_time(async || {
            let (feeder, anchors) = (Feeder::new(), Held::default());
            let running = start(held(&feeder, &anchors));
            let fed = feeder.feed(1);
            advance(s(5)).await;

            running.drain(deadline);
            advance(deadline / 2).await;
            assert_eq!((running.status().state, fed.outcome()), (TopologyState::Draining, None));
            advance(deadline / 2 + ms(1)).await;

            assert_eq!(running.status().state, TopologyState::Ended, "{deadline:?}");
            assert_eq!(fed.reason(), Some(Reason::Shutdown));
        });
    }
}

#[test]
fn a_drain_that_has_nothing_to_wait_for_does_not_wait() {
    virtual_time(async || {
        let (feeder, anchors) = (Feeder::new(), Held::default());
        let running = start(held(&feeder, &anchors));
        let fed = feeder.feed(1);
        advance(s(5)).await;

        running.drain(s(600));
        advance(s(1)).await;
        anchors.ack();
        let report = running.wait().await.unwrap();

        assert!(fed.is_acked() && report.duration < s(7), "{:?}", report.duration);
    });
}

#[test]
fn a_plan_runs_again_after_its_end_and_beside_itself() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("again");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let plan = t.build().unwrap();

        let first = Running::start_here(&plan, &Options::default());
        feeder.feed(1).settled().await;
        first.kill();
        first.wait().await.unwrap();
        let (second, third) = (
            Running::start_here(&plan, &Options::default()),
            Running::start_here(&plan, &Options::default()),
        );
        feeder.feed(2).settled().await;
        second.kill();
        second.wait().await.unwrap();
        feeder.feed(3).settled().await;

        assert_eq!(third.status().state, TopologyState::Running, "the end of one is not that of the other");
        assert_eq!(mock.values(), [1, 2, 3]);
        let emitted = [&first, &second, &third].map(|running| running.status().roots.emitted);
        assert_eq!((emitted[0], emitted[1] + emitted[2]), (1, 2), "each counts its own");
    });
}

#[test]
fn a_kill_does_not_wait_for_a_spout_that_failed_before_a_full_inbox() {
    for act in [Act::Fail, Act::Panic] {
        virtual_time(async || {
            let feeder = Feeder::new().acting(move |nth| if nth == 4 { act } else { Act::Pass });
            let mock = Mock::<u64>::stalls_every(1);
            let mut t = TopologyBuilder::new("full");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            t.bolt_with("mock", mock.bolts()).inbox(1).shuffle(numbers);
            let running = start(t);

            feeder.feed_all(0..10);
            advance(s(1)).await;
            running.kill();
            let report = running.wait().await.unwrap();

            assert_eq!((report.duration, feeder.closed()), (s(1), 1), "{act:?}");
            let told = feeder.tracker().outcomes().len() as u64;
            assert_eq!((told, report.roots().pending), (feeder.emissions(), 0), "everybody was told");
        });
    }
}
