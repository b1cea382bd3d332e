//! Windows by the timestamps of tuples.

use squall::{
    TopologyBuilder,
    prelude::*,
    windows::{EventTime, EventWindowBolt, InvalidWindow, Span, Window},
};
use squall_testkit::{Capture, Feeder, advance, quiescent, virtual_time};
use squall_tests::{ms, s, start};

use super::{Panes, event_windows};

fn window() -> Window {
    Window::sliding(ms(20), ms(10)).unwrap()
}

#[test]
fn windows_are_due_when_the_watermark_has_passed_them() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("events");
        event_windows(&mut t, &feeder, (window(), 5), &panes);
        start(t);

        feeder.feed_all([603, 605, 607]);
        advance(ms(10)).await;
        assert_eq!(panes.changes(), []);
        // The last one brings the watermark to 631.
        feeder.feed_all([618, 626, 636]);
        advance(ms(10)).await;
        assert_eq!(
            panes.changes(),
            [
                (vec![603, 605, 607], vec![603, 605, 607], vec![]),
                (vec![603, 605, 607, 618], vec![618], vec![]),
                (vec![618, 626], vec![626], vec![603, 605, 607]),
            ]
        );
        assert_eq!(feeder.tracker().acked_ids(), [0, 1, 2, 3]);
        // To 834, with a gap.
        feeder.feed_all([825, 826, 827, 839]);
        advance(ms(10)).await;

        let shown = panes.take();
        let ends: Vec<_> = shown.iter().map(|pane| (pane.start.unwrap(), pane.end)).collect();
        assert_eq!(ends, [(620, 640), (630, 650), (810, 830)]);
        let contents: Vec<_> = shown.iter().map(|pane| (&*pane.tuples, &*pane.added)).collect();
        let none: &[i64] = &[];
        let expected: [(&[i64], &[i64]); 3] =
            [(&[626, 636], &[636]), (&[636], none), (&[825, 826, 827], &[825, 826, 827])];
        assert_eq!(contents, expected);
    });
}

#[test]
fn what_comes_out_of_order_within_the_lag_is_in_its_window() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("lag");
        event_windows(&mut t, &feeder, (window(), 5), &panes);
        start(t);

        feeder.feed_all([603, 605, 607, 618, 626, 632, 629, 636]);
        advance(ms(10)).await;

        assert_eq!(panes.contents(), [vec![603, 605, 607], vec![603, 605, 607, 618], vec![618, 626, 629]]);
    });
}

#[test]
fn what_comes_too_late_goes_to_the_stream_of_its_own() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("late");
        let out = event_windows(&mut t, &feeder, (window(), 5), &panes);
        let late = Capture::of(&mut t, out.late);
        start(t);

        // 630 comes too late by one, 631 just in time.
        let fed = feeder.feed_all([603, 605, 607, 618, 626, 636, 600, 630, 631, 650]);
        advance(ms(10)).await;

        assert_eq!(late.tuples(), [600, 630]);
        assert!(fed[6].is_acked() && fed[7].is_acked());
        let windows = [vec![603, 605, 607], vec![603, 605, 607, 618], vec![618, 626], vec![626, 631, 636]];
        assert_eq!(panes.contents(), windows);
    });
}

#[test]
fn every_window_has_what_its_bounds_say_whatever_the_order() {
    for (length, slide) in [(30, 10), (25, 10), (10, 10), (7, 3), (1, 1)] {
        virtual_time(async || {
            let (feeder, panes) = (Feeder::new(), Panes::default());
            let mut t = TopologyBuilder::new("bounds");
            let window = Window::sliding(ms(length), ms(slide)).unwrap();
            event_windows(&mut t, &feeder, (window, 40), &panes);
            let running = start(t);

            // Every residue, negative ones too, up to 36 out of order, with doubles and a gap.
            let stamps: Vec<_> = (0..400).map(|n| n / 2 * 3 + n * 7 % 37 - 200 + n / 300 * 500).collect();
            feeder.feed_all(stamps.clone());
            advance(ms(50)).await;
            running.drain(s(10));
            quiescent(&running).await;

            let (length, slide) = (length as i64, slide as i64);
            let inside = |end: i64| {
                let mut inside: Vec<_> =
                    stamps.iter().copied().filter(|at| (end - length + 1..=end).contains(at)).collect();
                inside.sort();
                inside
            };
            let shown = panes.take();
            let (first, last) = (shown.first().unwrap().end, shown.last().unwrap().end);
            assert!(first - slide < stamps[0] && *stamps.iter().max().unwrap() <= last);
            let expected: Vec<_> = (first..=last)
                .step_by(slide as usize)
                .map(|end| (end, inside(end)))
                .filter(|(_, tuples)| !tuples.is_empty())
                .collect();
            let shown: Vec<_> = shown.into_iter().map(|pane| (pane.end, pane.tuples)).collect();
            assert_eq!(shown, expected, "{length} by {slide}");
            assert_eq!(feeder.tracker().acked_ids().len(), stamps.len());
            feeder.tracker().assert_one_outcome_each();
        });
    }
}

#[test]
fn numbers_and_times_may_be_mixed() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("last-three");
        event_windows(&mut t, &feeder, (Window::sliding(Span::Tuples(3), ms(10)).unwrap(), 5), &panes);
        start(t);
        feeder.feed_all([603, 605, 607, 618, 626, 636]);
        advance(ms(10)).await;
        assert_eq!(panes.contents(), [[603, 605, 607], [605, 607, 618], [607, 618, 626]]);
        feeder.feed_all([665, 666, 667, 679]);
        advance(ms(10)).await;
        assert_eq!(panes.contents(), [[618, 626, 636], [665, 666, 667]], "no window twice");
    });
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("every-three");
        event_windows(&mut t, &feeder, (Window::sliding(ms(20), Span::Tuples(3)).unwrap(), 5), &panes);
        start(t);
        feeder.feed_all([603, 605, 607, 618, 625, 626, 629, 636]);
        advance(ms(10)).await;
        assert_eq!(panes.contents(), [vec![603, 605, 607], vec![607, 618, 625, 626]]);
        feeder.feed_all([665, 666, 667, 669, 679]);
        advance(ms(10)).await;
        assert_eq!(panes.contents(), [vec![665], vec![665, 666, 667, 669]]);
    });
}

#[test]
fn tuples_with_one_timestamp_are_told_apart_by_number() {
    for (length, expected) in [(2, [2, 2, 2, 2, 2]), (5, [2, 4, 5, 5, 5])] {
        virtual_time(async || {
            let (feeder, panes) = (Feeder::new(), Panes::default());
            let mut t = TopologyBuilder::new("same");
            let window = Window::sliding(Span::Tuples(length), Span::Tuples(2)).unwrap();
            event_windows(&mut t, &feeder, (window, 5), &panes);
            start(t);

            feeder.feed_all([10, 10, 11, 12, 12, 12, 12, 13, 14, 15, 25]);
            advance(ms(10)).await;

            let shown = panes.contents();
            assert_eq!(shown.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            assert_eq!(shown.last().unwrap()[shown[4].len() - 2..], [14, 15]);
        });
    }
}

#[test]
fn nothing_is_let_go_before_every_source_has_spoken() {
    virtual_time(async || {
        let (left, right, panes) = (Feeder::new(), Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("two-sources");
        let a = t.spout("left", left.spouts()).output();
        let b = t.spout("right", right.spouts()).output();
        let time = EventTime::of(|n: &i64| n.abs()).lag(5).unwrap();
        // What comes from the right is negative.
        let time = time.sources(2, |n| usize::from(*n < 0)).unwrap();
        let (window, recorded) = (Window::tumbling(ms(10)).unwrap(), panes.clone());
        let open =
            async move |cx: &TaskContext| EventWindowBolt::open(cx, window, time.clone(), recorded.record());
        t.bolt_with("window", open).global(a).global(b);
        let running = start(t);

        left.feed_all(1..=200);
        advance(s(1)).await;
        assert_eq!(panes.contents(), [[0; 0]; 0]);
        assert_eq!(running.status().component("window").unwrap().held, 200);
        right.feed_all([-95, -98]);
        advance(ms(10)).await;

        // The watermark is 93: the last window that has ended is that of 90.
        let shown = panes.take();
        assert_eq!(
            shown.iter().map(|pane| pane.end).collect::<Vec<_>>(),
            [10, 20, 30, 40, 50, 60, 70, 80, 90]
        );
        assert_eq!(left.tracker().acked_ids().len(), 90);
    });
}

#[test]
fn a_tuple_without_a_timestamp_fails_and_no_other() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("missing");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let time =
            EventTime::try_of(|n: &i64| if *n < 0 { Err(Error::permanent("no time")) } else { Ok(*n) });
        let (window, recorded) = (Window::tumbling(Span::Tuples(2)).unwrap(), panes.clone());
        let open =
            async move |cx: &TaskContext| EventWindowBolt::open(cx, window, time.clone(), recorded.record());
        t.bolt_with("window", open).global(numbers);
        start(t);

        let fed = feeder.feed_all([1, -1, 2, 3]);
        advance(ms(10)).await;

        assert_eq!(fed[1].reason(), Some(Reason::Explicit));
        assert_eq!(panes.contents(), [[1, 2]]);
    });
}

#[test]
fn what_cannot_be_a_window_is_refused_when_it_is_made() {
    let refused = |result: Result<Window, InvalidWindow>| result.unwrap_err().to_string();
    assert_eq!(
        refused(Window::tumbling(Span::Tuples(0))),
        "the length of a window is zero: at least one tuple or 1 ms"
    );
    assert_eq!(
        refused(Window::sliding(s(1), s(0))),
        "the slide of a window is zero: at least one tuple or 1 ms"
    );
    assert_eq!(
        refused(Window::sliding(s(1), s(2))),
        "a window of 1s that slides by 2s leaves gaps: let it slide by no more than its length"
    );
    assert!(refused(Window::tumbling(std::time::Duration::from_micros(1500))).contains("whole milliseconds"));
    assert!(Window::tumbling(s(1)).unwrap().flush_after(s(0)).is_err());
    let lag = EventTime::of(|n: &i64| *n).lag(-1).unwrap_err();
    assert_eq!(lag, InvalidWindow::NegativeLag { lag: -1 });
    assert!(lag.to_string().starts_with("a lag of -1 ms is negative"));
    assert_eq!(EventTime::of(|n: &i64| *n).sources(0, |_| 0).unwrap_err(), InvalidWindow::NoSources);
}
