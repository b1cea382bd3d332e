//! Pause, drain and kill with roots that wait.

use squall::Reason;
use squall_testkit::{Act, Call, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s};

use crate::replayed;

#[test]
fn nothing_is_emitted_again_while_paused() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.delivery.attempt == 1 { Act::Fail } else { Act::Pass };
        let r = replayed(3, Mock::acting(act), Mock::echo());
        let fed = r.feeder.feed(7);
        advance(ms(100)).await;
        r.running.pause();
        advance(s(60)).await;
        assert_eq!((r.work.count(), r.running.status().roots.pending), (1, 1));

        r.running.resume();
        advance(ms(100)).await;
        assert!(fed.is_acked(), "its time has long come");
        quiescent(&r.running).await;
    });
}

#[test]
fn what_waits_when_a_drain_begins_fails_at_once_with_its_reason() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.value == 1 { Act::Panic } else { Act::Fail };
        let r = replayed(3, Mock::acting(act), Mock::echo());
        r.feeder.feed_all([0, 1]);
        advance(ms(100)).await;
        r.running.drain(s(600));
        advance(ms(100)).await;

        let mut failed = r.feeder.tracker().failed_ids();
        failed.sort_unstable();
        assert_eq!(failed, [(0, Reason::Explicit), (1, Reason::Panic)]);
        let report = r.running.wait().await.unwrap();
        assert_eq!((report.roots().failed, report.roots().pending), (2, 0));
        assert_eq!(report.component("numbers").unwrap().waiting, 0);
        r.feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn what_fails_during_a_drain_fails_for_good() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.value == 0 { Act::Stall } else { Act::Fail };
        let r = replayed(3, Mock::acting(act), Mock::echo());
        r.feeder.feed_all([0, 1]); // the second waits behind the first
        advance(ms(100)).await;
        r.running.drain(s(600));
        advance(ms(100)).await;
        r.work.release();

        let report = r.running.wait().await.unwrap();
        assert_eq!(r.feeder.tracker().failed_ids(), [(1, Reason::Explicit)]);
        assert_eq!((report.roots().acked, r.grave.count()), (1, 0));
    });
}

#[test]
fn a_letter_that_waits_when_a_drain_begins_fails_for_what_it_was_written_for() {
    virtual_time(async || {
        let r = replayed(1, Mock::acting(|_| Act::Panic), Mock::acting(|_| Act::Refuse));
        let fed = r.feeder.feed(7);
        advance(ms(100)).await;
        assert_eq!(r.grave.count(), 1);
        r.running.drain(s(600));
        r.running.wait().await.unwrap();

        let failure = fed.outcome().unwrap().failure.unwrap();
        assert_eq!((failure.reason, failure.permanent), (Reason::Panic, false));
        assert_eq!(failure.cause.unwrap().component, "work");
    });
}

#[test]
fn a_kill_fails_what_waits_with_shutdown() {
    virtual_time(async || {
        let r = replayed(3, Mock::acting(|_| Act::Fail), Mock::echo());
        r.feeder.feed_all(0..4);
        advance(ms(100)).await;
        assert_counts(&r.running.status());
        r.running.kill();
        let report = r.running.wait().await.unwrap();

        assert_eq!(report.roots().failed_by.get("shutdown"), Some(&4));
        r.feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_task_that_retires_alone_replays_to_the_end() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.delivery.attempt < 3 { Act::Fail } else { Act::Pass };
        let r = replayed(3, Mock::acting(act), Mock::echo());
        let before = r.feeder.feed_all(0..6);
        advance(ms(100)).await;
        assert_eq!(r.running.status().component("numbers").unwrap().waiting, 6);

        r.running.rebalance("numbers", 2).await.unwrap();
        assert!(before.iter().all(squall_testkit::Fed::is_acked), "nothing is lost by the change");
        let after = r.feeder.feed(6);
        quiescent(&r.running).await;

        assert!(after.is_acked());
        let status = r.running.status();
        assert_counts(&status);
        let spout = status.component("numbers").unwrap();
        assert_eq!((status.roots.acked, spout.replays, spout.waiting), (7, 14, 0));
        r.feeder.tracker().assert_one_outcome_each();
    });
}
