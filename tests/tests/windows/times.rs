//! Windows by the time at which tuples come.

use squall::{
    TopologyBuilder,
    windows::{Span, Window},
};
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

use super::{Panes, seq, windows};

#[test]
fn a_tuple_is_in_each_window_that_its_time_is_in() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("sliding");
        windows(&mut t, &feeder, Window::sliding(s(1), ms(500)).unwrap(), &panes);
        let running = start(t);

        for (wait, n) in [(100, 1), (500, 2), (600, 3)] {
            advance(ms(wait)).await;
            feeder.feed(n);
        }
        advance(ms(200)).await;
        assert_eq!(feeder.tracker().acked_ids(), [0], "the window that ends at 1.5 s begins behind it");
        assert_eq!(running.status().component("window").unwrap().held, 2);
        advance(ms(100)).await;
        assert_eq!(feeder.tracker().acked_ids(), [0, 1]);
        advance(s(3)).await;

        let shown = panes.take();
        let bounds: Vec<_> = shown.iter().map(|pane| (pane.start.unwrap(), pane.end)).collect();
        assert_eq!(bounds, [(-500, 500), (0, 1000), (500, 1500), (1000, 2000)]);
        let contents: Vec<_> =
            shown.iter().map(|pane| (&*pane.tuples, &*pane.added, &*pane.expired)).collect();
        let none: &[i64] = &[];
        let expected: [(&[i64], &[i64], &[i64]); 4] =
            [(&[1], &[1], none), (&[1, 2], &[2], none), (&[2, 3], &[3], &[1]), (&[3], none, &[2])];
        assert_eq!(contents, expected);
        assert!(shown.iter().all(|pane| pane.is_whole));
        assert_eq!(feeder.tracker().acked_ids(), [0, 1, 2]);
    });
}

#[test]
fn a_window_without_tuples_is_not_due() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("expiry");
        windows(&mut t, &feeder, Window::sliding(ms(100), ms(60)).unwrap(), &panes);
        start(t);

        feeder.feed_all(1..=10);
        advance(ms(62)).await;
        assert_eq!(panes.changes(), [(seq(1..=10), seq(1..=10), vec![])]);
        assert_eq!(feeder.tracker().acked_ids().len(), 10, "the next window begins behind them");
        advance(s(1)).await;

        assert_eq!(panes.changes(), []);
    });
}

#[test]
fn windows_come_when_their_time_is_over_and_a_tuple_is_in_one_only_if_they_tumble() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("tumbling");
        windows(&mut t, &feeder, Window::tumbling(ms(250)).unwrap(), &panes);
        start(t);

        for n in 0..200 {
            feeder.feed(n);
            advance(ms(7)).await;
            let ended = panes.0.lock().unwrap().last().map_or(0, |pane| pane.end);
            assert!(7 * (n + 1) - ended <= 252, "the window that ended at {} is missing", ended + 250);
        }
        advance(s(1)).await;

        let shown = panes.take();
        let all: Vec<_> = shown.iter().flat_map(|pane| pane.tuples.clone()).collect();
        assert_eq!(all, seq(0..=199), "each once, in order");
        for pane in &shown {
            assert_eq!((pane.end % 250, pane.start), (0, Some(pane.end - 250)));
            // Number n comes 7n ms after the start, and is read within the millisecond.
            let is_inside = |n: &i64| 7 * n + 1 > pane.end - 250 && 7 * n <= pane.end;
            assert!(pane.tuples.iter().all(is_inside), "{pane:?}");
        }
        assert_eq!(feeder.tracker().acked_ids().len(), 200);
    });
}

#[test]
fn a_window_by_time_may_be_due_by_number_and_forgets_in_silence() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("by-number");
        windows(&mut t, &feeder, Window::sliding(s(1), Span::Tuples(2)).unwrap(), &panes);
        start(t);

        feeder.feed_all([1, 2, 3]);
        advance(ms(900)).await;
        feeder.feed(4);
        advance(ms(900)).await;
        assert_eq!(panes.changes(), [(vec![1, 2], vec![1, 2], vec![]), (seq(1..=4), vec![3, 4], vec![])]);
        assert_eq!(feeder.tracker().acked_ids(), [0, 1, 2], "older than a second, though nothing came");
        feeder.feed_all([5, 6]);
        advance(ms(10)).await;

        assert_eq!(panes.changes(), [(seq(4..=6), vec![5, 6], seq(1..=3))]);
    });
}
