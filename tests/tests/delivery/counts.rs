//! `emitted = acked + failed + pending` at every moment, and one outcome for each root, under mixed faults.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use squall::{Plan, TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, complete_topology, virtual_time};
use squall_tests::{assert_counts, budget, ms, s, start};

const ROOTS: u64 = 5000;

/// Two steps that fail, refuse and panic now and then, with and without keys.
fn troubled(feeder: &Feeder<u64>) -> TopologyBuilder {
    let act = |fails: u64, refuses: u64, panics: u64| {
        Mock::<u64>::acting(move |call| match call.nth {
            nth if nth.is_multiple_of(fails) => Act::Fail,
            nth if nth.is_multiple_of(refuses) => Act::Refuse,
            nth if nth.is_multiple_of(panics) => Act::Panic,
            _ => Act::Pass,
        })
    };
    let mut t = TopologyBuilder::new("troubled");
    let numbers = t.spout("numbers", feeder.spouts()).tasks(2).max_pending(300).output();
    // Some that are rebuilt panic at their first call.
    let first = t
        .bolt_with("first", act(7, 101, 13).bolts())
        .tasks(3)
        .restart(budget(u32::MAX))
        .shuffle(numbers)
        .output();
    t.bolt_with("second", act(11, 103, 17).bolts())
        .tasks(2)
        .inbox(50)
        .restart(budget(u32::MAX))
        .fields(first, |n| n);
    t.bolt_with("third", act(23, 107, 29).bolts()).tasks(2).inbox(20).restart(budget(u32::MAX)).all(first);
    t
}

fn plan(feeder: &Feeder<u64>) -> Plan {
    troubled(feeder).build().unwrap()
}

fn assert_complete(report: &Report, feeder: &Feeder<u64>) {
    feeder.tracker().assert_one_outcome_each();
    assert_counts(&report.status);
    let told = feeder.tracker().outcomes().len() as u64;
    assert_eq!((report.roots().emitted, report.roots().pending), (told, 0));
    assert_eq!(report.roots().acked, feeder.tracker().acked_ids().len() as u64);
    assert!(report.roots().acked > ROOTS / 4 && report.roots().failed > ROOTS / 4, "{:?}", report.roots());
}

#[test]
fn the_equation_holds_at_every_moment_under_virtual_time() {
    virtual_time(async || {
        let feeder = Feeder::of(0..ROOTS);
        let running = start(troubled(&feeder));
        let mut looks = 0;
        while running.status().state == TopologyState::Running {
            assert_counts(&running.status());
            looks += 1;
            if looks % 64 == 0 {
                // Restarts may wait for the clock, and it stands still while anybody yields.
                tokio::time::sleep(ms(1)).await;
            }
            tokio::task::yield_now().await;
        }
        let report = running.wait().await.unwrap();
        assert!(looks > 10, "{looks}");
        assert_complete(&report, &feeder);
    });
}

#[test]
fn the_equation_holds_at_every_moment_on_threads() {
    let feeder = Feeder::of(0..ROOTS).replaying(3);
    let running = Running::start(plan(&feeder), Options::default().threads(2)).unwrap();
    let is_over = AtomicBool::new(false);
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                assert_counts(&running.status());
                thread::yield_now();
            }
        });
        let report = running.wait_blocking().unwrap();
        is_over.store(true, Ordering::Relaxed);
        report
    });
    feeder.tracker().assert_one_outcome_each();
    assert_counts(&report.status);
    assert_eq!(report.roots().pending, 0);
}

#[test]
fn a_root_is_counted_while_the_spout_awaits_its_source() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("waiting");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        for fed in 1..=3 {
            feeder.feed(fed);
            advance(ms(1)).await;
            let roots = running.status().roots;
            assert_eq!((roots.emitted, roots.pending), (fed, fed));
        }
    });
}

#[test]
fn every_stop_leaves_one_outcome_each() {
    for stop in [Running::kill as fn(&Running), |running| running.drain(s(1))] {
        virtual_time(async || {
            let feeder = Feeder::of(0..ROOTS);
            let running = start(troubled(&feeder));
            while running.status().roots.acked == 0 {
                tokio::task::yield_now().await;
            }
            stop(&running);
            let report = running.wait().await.unwrap();

            let told = feeder.tracker().outcomes().len() as u64;
            assert_eq!((report.roots().emitted, report.roots().pending), (told, 0));
            assert_eq!(feeder.emissions(), told, "what was not emitted is owed nothing");
            assert_counts(&report.status);
        });
    }
}

#[test]
fn virtual_time_and_threads_come_to_the_same_result() {
    let in_virtual_time = Feeder::of(0..ROOTS);
    virtual_time(async || {
        let report = complete_topology(&plan(&in_virtual_time)).await.unwrap();
        assert_complete(&report, &in_virtual_time);
    });
    let on_threads = Feeder::of(0..ROOTS);
    let report = squall::Running::start(plan(&on_threads), Options::default().threads(2)).unwrap();
    assert_complete(&report.wait_blocking().unwrap(), &on_threads);
}
