//! At least once: a root is pending until what was made of its windows is done, and fails with any of them.

use squall::{
    Finding, TopologyBuilder,
    prelude::*,
    windows::{EventTime, EventWindowBolt, Pane, Span, Window, WindowBolt, from_fn},
};
use squall_testkit::{Act, Capture, Feeder, Mock, advance, complete_topology, quiescent, virtual_time};
use squall_tests::{Held, assert_counts, ms, s, start};

use super::{Panes, event_windows, seq, windows};

#[test]
fn a_root_is_pending_until_all_that_was_made_of_its_windows_is_done() {
    virtual_time(async || {
        let (feeder, panes, sink) = (Feeder::new(), Panes::default(), Held::default());
        let mut t = TopologyBuilder::new("pending");
        let window = Window::sliding(Span::Tuples(4), Span::Tuples(2)).unwrap();
        let results = windows(&mut t, &feeder, window, &panes);
        t.bolt("sink", sink.bolts(|_: &Vec<i64>| true)).global(results);
        let running = start(t);

        let fed = feeder.feed_all([1, 2, 3, 4]);
        advance(ms(10)).await;
        let mut results = sink.take();
        assert_eq!(results.len(), 2);
        results.remove(0).ack();
        advance(ms(10)).await;
        assert!(fed.iter().all(|fed| fed.outcome().is_none()), "1 and 2 are in the second result too");
        results.remove(0).ack();
        advance(ms(10)).await;

        assert!(fed[0].is_acked() && fed[1].is_acked());
        assert!(fed[2].outcome().is_none() && fed[3].outcome().is_none(), "they are in a window to come");
        let status = running.status();
        assert_eq!((status.roots.pending, status.component("window").unwrap().held), (2, 2));
        assert_counts(&status);
    });
}

#[test]
fn a_result_that_fails_fails_every_tuple_of_its_window() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let sink = Mock::<Vec<i64>>::acting(|call| if call.nth == 1 { Act::Fail } else { Act::Pass });
        let mut t = TopologyBuilder::new("result");
        let results = windows(&mut t, &feeder, Window::tumbling(Span::Tuples(3)).unwrap(), &panes);
        t.bolt_with("sink", sink.bolts()).global(results);
        let running = start(t);

        let fed = feeder.feed_all(1..=6);
        quiescent(&running).await;

        assert!(fed[..3].iter().all(|fed| fed.reason() == Some(Reason::Explicit)));
        assert!(fed[3..].iter().all(|fed| fed.is_acked()));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_function_that_fails_fails_the_tuples_of_its_window_and_they_come_again() {
    virtual_time(async || {
        let feeder = Feeder::new().replaying(2);
        let mut t = TopologyBuilder::new("function");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let (window, time) =
            (Window::tumbling(ms(10)).unwrap(), EventTime::of(|n: &i64| *n).lag(100).unwrap());
        let mut calls = 0;
        let sums = t
            .bolt_with("window", async move |cx| {
                let mut calls = calls;
                let sum = from_fn(move |pane: &Pane<'_, i64>| {
                    calls += 1;
                    if calls == 1 { Err(Error::retryable("busy")) } else { Ok([pane.tuples().sum::<i64>()]) }
                });
                EventWindowBolt::open(cx, window, time.clone(), sum)
            })
            .global(numbers)
            .output();
        calls += 1;
        let sums = Capture::of(&mut t, sums.results);
        let running = start(t);

        // The last one brings the watermark to 20: the window of the first two is due, and fails; the tuple that
        // made it due is not in it.
        let fed = feeder.feed_all([1, 2, 15, 120]);
        advance(ms(10)).await;
        let failed = feeder.tracker().failed_ids();
        assert_eq!(failed, [(0, Reason::Explicit), (1, Reason::Explicit)]);
        assert_eq!(running.status().component("window").unwrap().errors[0].message, "busy");
        assert_eq!(calls, 1);

        // They came again, behind the watermark: late, and done.
        assert!(fed[0].is_acked() && fed[1].is_acked());
        running.drain(s(10));
        quiescent(&running).await;
        assert_eq!(sums.tuples(), [15, 120]);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_function_that_panics_fails_what_is_held_and_the_bolt_goes_on_empty() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("panic");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let window = Window::sliding(Span::Tuples(3), Span::Tuples(3)).unwrap();
        let sums = t
            .bolt_with("window", async move |cx| {
                let sum = from_fn(|pane: &Pane<'_, i64>| {
                    let sum: i64 = pane.tuples().sum();
                    assert!(sum != 6, "six");
                    Ok([sum])
                });
                WindowBolt::open(cx, window, sum)
            })
            .global(numbers)
            .output();
        let sums = Capture::of(&mut t, sums);
        let running = start(t);

        let fed = feeder.feed_all(1..=6);
        quiescent(&running).await;

        assert_eq!((fed[0].reason(), fed[1].reason()), (Some(Reason::Dropped), Some(Reason::Dropped)));
        assert_eq!(fed[2].reason(), Some(Reason::Panic));
        assert!(fed[3..].iter().all(|fed| fed.is_acked()));
        assert_eq!(sums.tuples(), [15]);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_drain_shows_what_is_left_as_a_window_that_is_not_whole() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("drain");
        let results = windows(&mut t, &feeder, Window::tumbling(Span::Tuples(4)).unwrap(), &panes);
        let results = Capture::of(&mut t, results);
        let running = start(t);

        feeder.feed_all(1..=6);
        advance(ms(10)).await;
        assert_eq!(running.status().roots.pending, 2);
        running.drain(s(10));
        quiescent(&running).await;

        let shown = panes.take();
        assert_eq!(shown.iter().map(|pane| pane.is_whole).collect::<Vec<_>>(), [true, false]);
        assert_eq!(results.tuples(), [seq(1..=4), seq(5..=6)]);
        assert_eq!(feeder.tracker().acked_ids().len(), 6);
    });
}

#[test]
fn a_change_of_the_number_of_tasks_loses_nothing_that_is_held() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("rebalance");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(100)).output();
        let (window, recorded) = (Window::tumbling(s(10)).unwrap(), panes.clone());
        let results = t
            .bolt_with("window", async move |cx| WindowBolt::open(cx, window, recorded.record()))
            .tasks(2)
            .fields(numbers, |n| n)
            .output();
        let results = Capture::of(&mut t, results);
        let running = start(t);

        feeder.feed_all(0..40);
        advance(s(1)).await;
        assert_eq!(running.status().component("window").unwrap().held, 40);
        running.rebalance("window", 5).await.unwrap();
        advance(ms(10)).await;
        assert_eq!(feeder.tracker().acked_ids().len(), 40);
        let shown = panes.take();
        assert_eq!(shown.iter().map(|pane| pane.is_whole).collect::<Vec<_>>(), [false, false]);
        feeder.feed_all(40..80);
        advance(s(11)).await;

        assert!(panes.take().iter().all(|pane| pane.is_whole && pane.end == 10_000));
        let mut all = results.tuples().concat();
        all.sort();
        assert_eq!(all, seq(0..=79), "each in one window");
        assert_eq!(feeder.tracker().acked_ids().len(), 80);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_source_that_ends_is_not_kept_by_a_window_that_flushes() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::of(1..=7), Panes::default());
        let mut t = TopologyBuilder::new("end");
        let window = Window::tumbling(Span::Tuples(3)).unwrap().flush_after(s(2)).unwrap();
        windows(&mut t, &feeder, window, &panes);
        let began = tokio::time::Instant::now();

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(report.roots().acked, 7);
        assert_eq!(panes.contents(), [seq(1..=3), seq(4..=6), vec![7]]);
        assert!(began.elapsed() <= ms(2600), "{:?}", began.elapsed());
    });
}

#[test]
fn a_window_that_keeps_a_source_from_its_end_is_named() {
    virtual_time(async || {
        let (feeder, other, panes) = (Feeder::of(1..=7), Held::default(), Panes::default());
        let mut t = TopologyBuilder::new("kept");
        windows(&mut t, &feeder, Window::tumbling(Span::Tuples(3)).unwrap(), &panes);
        let elsewhere = t.spout("elsewhere", Feeder::of([1_u64]).spouts()).output();
        t.bolt("other", other.bolts(|_: &u64| true)).shuffle(elsewhere);
        let running = start(t);
        advance(s(1)).await;

        let findings = running.status().findings();
        let named = |bolt: &str, spout: &str| Finding::HoldsTheEnd {
            bolt: bolt.to_owned(),
            held: 1,
            spout: spout.to_owned(),
            pending: 1,
        };
        assert_eq!(findings, [named("window", "numbers"), named("other", "elsewhere")]);
        assert!(
            findings[0].to_string().contains("waits for 1 root, and `window` holds 1 tuple:"),
            "{}",
            findings[0]
        );
        other.ack();
        running.drain(s(10));
        quiescent(&running).await;

        assert_eq!(running.status().findings(), []);
    });
}

#[test]
fn a_silent_source_is_flushed_in_event_time_and_its_windows_stay_ended() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("silent");
        let window = Window::tumbling(s(10)).unwrap().flush_after(s(60)).unwrap();
        let out = event_windows(&mut t, &feeder, (window, 1000), &panes);
        let late = Capture::of(&mut t, out.late);
        start(t);

        feeder.feed_all([1_000, 12_000, 13_000]);
        advance(s(50)).await;
        assert_eq!(panes.contents(), [[1_000]]);
        advance(s(20)).await;
        let shown = panes.take();
        assert_eq!(
            (shown[0].tuples.clone(), shown[0].end, shown[0].is_whole),
            (vec![12_000, 13_000], 20_000, false)
        );
        assert_eq!(feeder.tracker().acked_ids().len(), 3);
        feeder.feed_all([15_000, 20_001]);
        advance(s(70)).await;

        assert_eq!(late.tuples(), [15_000]);
        assert_eq!(panes.contents(), [[20_001]]);
        advance(s(600)).await;
        assert_eq!(panes.take(), []);
    });
}

#[test]
fn a_window_longer_than_its_roots_live_does_not_start() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::<i64>::new(), Panes::default());
        let mut t = TopologyBuilder::new("too-long");
        let patient = t.spout("patient", feeder.spouts()).message_timeout(s(3600)).output();
        let quick = t.spout("quick", feeder.spouts()).message_timeout(s(70)).output();
        let quick = t.bolt_with("between", Mock::<i64>::echo().bolts()).shuffle(quick).output();
        let window = Window::sliding(s(60), s(10)).unwrap();
        let open = async move |cx: &TaskContext| WindowBolt::open(cx, window, panes.record());
        t.bolt_with("window", open).global(patient).global(quick);

        let failed = complete_topology(&t.build().unwrap()).await.unwrap_err();

        let message = failed.to_string();
        assert!(message.contains("window") && message.contains("held in the window for 70s"), "{message}");
    });
}
