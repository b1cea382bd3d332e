//! How often and how soon.

use squall::{Delivery, Reason, TopologyBuilder};
use squall_testkit::{Act, Call, Feeder, Mock, advance, complete_topology, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s, start};

use crate::{assert_pause, pauses, policy, replayed};

#[test]
fn a_root_that_fails_is_emitted_again_after_pauses_that_double_up_to_the_longest() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.delivery.attempt < 6 { Act::Fail } else { Act::Pass };
        let r = replayed(10, Mock::acting(act), Mock::echo());
        let fed = r.feeder.feed(7);
        quiescent(&r.running).await;

        let calls = r.work.calls();
        let attempts: Vec<_> = calls.iter().map(|call| call.delivery.attempt).collect();
        assert_eq!(attempts, [1, 2, 3, 4, 5, 6]);
        for (pause, exact) in pauses(&calls).into_iter().zip([1, 2, 4, 4, 4]) {
            assert_pause(pause, s(exact));
        }
        assert_eq!(calls[5].delivery, Delivery { attempt: 6, refused: 5, redelivered: 0 });
        assert!(fed.is_acked() && fed.outcomes().len() == 1, "the spout hears of the end only");
        let spout = r.running.status().component("numbers").unwrap().clone();
        assert_eq!((spout.replays, spout.waiting, spout.dead_letters), (5, 0, 0));
    });
}

#[test]
fn roots_that_fail_together_do_not_come_back_together() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.delivery.attempt < 2 { Act::Fail } else { Act::Pass };
        let r = replayed(2, Mock::acting(act), Mock::echo());
        r.feeder.feed_all(0..8);
        quiescent(&r.running).await;

        let mut again: Vec<_> = r.work.calls()[8..].iter().map(|call| call.at).collect();
        again.dedup();
        assert!(again.len() > 1, "{again:?}");
    });
}

#[test]
fn a_root_that_waits_is_pending_and_the_books_balance_at_every_look() {
    virtual_time(async || {
        let act = |call: &Call<u64>| match call.value % 3 {
            0 => Act::Fail,
            1 if call.delivery.attempt < 3 => Act::Panic,
            _ => Act::Pass,
        };
        let r = replayed(4, Mock::acting(act), Mock::echo());
        r.feeder.feed_all(0..24);
        let mut waiting = 0;
        loop {
            let status = r.running.status();
            assert_counts(&status);
            assert_eq!(status.roots.failed, 0, "an attempt that fails is no outcome");
            assert!(status.roots.pending <= 8, "those that wait count: {:?}", status.roots);
            let spout = status.component("numbers").unwrap();
            assert!(spout.waiting <= status.roots.pending);
            waiting = waiting.max(spout.waiting);
            if status.roots.acked == 24 {
                break;
            }
            advance(ms(20)).await;
        }
        assert_eq!(waiting, 8, "at times all that may be pending wait");
        assert_eq!(r.grave.count(), 8);
        r.feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn roots_that_wait_hold_back_new_ones() {
    virtual_time(async || {
        let fails = Mock::acting(|_: &Call<u64>| Act::Fail);
        let r = replayed(u32::MAX, fails, Mock::echo());
        r.feeder.feed_all(0..20);
        advance(s(600)).await;

        let status = r.running.status();
        assert_eq!((status.roots.emitted, status.roots.pending), (8, 8));
        assert!(r.work.values().iter().all(|n| *n < 8));
        r.running.kill();
        r.running.wait().await.unwrap();
    });
}

#[test]
fn all_tuples_of_a_root_are_emitted_again_in_their_order() {
    virtual_time(async || {
        let act = |call: &Call<u64>| {
            if call.value == 2 && call.delivery.attempt == 1 { Act::Fail } else { Act::Pass }
        };
        let r = replayed(2, Mock::acting(act), Mock::echo());
        let fed = r.feeder.feed_together([1, 2, 3]);
        quiescent(&r.running).await;

        assert!(fed.is_acked());
        let again = r.work.calls().into_iter().filter(|call| call.delivery.attempt == 2);
        assert_eq!(again.map(|call| call.value).collect::<Vec<_>>(), [1, 2, 3]);
    });
}

#[test]
fn what_comes_of_an_attempt_that_timed_out_is_ignored() {
    virtual_time(async || {
        let act = |call: &Call<u64>| if call.delivery.attempt == 1 { Act::Stall } else { Act::Pass };
        let work = Mock::acting(act);
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("late");
        let (numbers, dead) =
            t.spout("numbers", feeder.spouts()).message_timeout(s(8)).replay(policy(3)).output();
        t.bolt_with("work", work.bolts()).tasks(2).shuffle(numbers);
        t.bolt_with("grave", Mock::<squall::Dead<u64>>::echo().bolts()).shuffle(dead);
        let running = start(t);
        let fed = feeder.feed(1);
        advance(ms(9_100)).await;
        assert_eq!(running.status().component("numbers").unwrap().waiting, 1, "timed out, and waits");

        work.release(); // the first attempt is acked now
        advance(ms(100)).await;
        assert_eq!(running.status().roots.pending, 1);
        quiescent(&running).await;

        assert_eq!(work.calls().last().unwrap().delivery.redelivered, 1);
        assert!(fed.is_acked() && fed.outcomes().len() == 1);
    });
}

#[test]
fn a_timeout_is_an_attempt_that_failed_and_none_runs_while_a_root_waits() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let work = Mock::<u64>::acting(|call| if call.nth == 1 { Act::Fail } else { Act::Pass });
        let mut t = TopologyBuilder::new("patient");
        // The pause is far longer than the timeout.
        let policy = squall::RetryPolicy { attempts: 2, backoff: s(600), max_backoff: s(600) };
        let (numbers, dead) =
            t.spout("numbers", feeder.spouts()).message_timeout(s(5)).replay(policy).output();
        t.bolt_with("work", work.bolts()).shuffle(numbers);
        t.bolt_with("grave", Mock::<squall::Dead<u64>>::echo().bolts()).shuffle(dead);
        let running = start(t);
        let fed = feeder.feed(1);
        quiescent(&running).await;

        assert!(fed.is_acked());
        assert_pause(pauses(&work.calls())[0], s(600));
        assert_eq!(running.status().roots.failed_by.get(Reason::Timeout.name()), None);
    });
}

#[test]
fn a_topology_ends_when_its_last_replay_is_done() {
    virtual_time(async || {
        let (feeder, work) = (Feeder::of(0..100), Mock::<u64>::fails_every(3));
        let mut t = TopologyBuilder::new("end");
        let (numbers, dead) = t.spout("numbers", feeder.spouts()).tasks(2).replay(policy(50)).output();
        t.bolt_with("work", work.bolts()).tasks(3).fields(numbers, |n| n);
        t.bolt_with("grave", Mock::<squall::Dead<u64>>::echo().bolts()).shuffle(dead);

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!((report.roots().acked, report.roots().failed), (100, 0));
        let calls = work.calls();
        let first = calls.iter().filter(|call| call.delivery.attempt == 1).count();
        assert_eq!(first, 100);
        assert_eq!(report.component("numbers").unwrap().replays, (calls.len() - 100) as u64);
        feeder.tracker().assert_one_outcome_each();
    });
}
