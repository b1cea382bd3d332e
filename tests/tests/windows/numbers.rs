//! Windows by number of tuples.

use squall::{
    TopologyBuilder,
    windows::{Span, Window},
};
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

use super::{Panes, seq, windows};

#[test]
fn the_last_five_every_two_with_what_came_and_what_left() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("sliding");
        windows(&mut t, &feeder, Window::sliding(Span::Tuples(5), Span::Tuples(2)).unwrap(), &panes);
        start(t);

        feeder.feed_all([1, 2]);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), [(seq(1..=2), seq(1..=2), vec![])]);
        feeder.feed_all([3, 4]);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), [(seq(1..=4), seq(3..=4), vec![])]);
        feeder.feed_all([5, 6]);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), [(seq(2..=6), seq(5..=6), vec![1])]);
        feeder.feed(7);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), []);
        feeder.feed(8);
        advance(ms(5)).await;

        assert_eq!(panes.changes(), [(seq(4..=8), seq(7..=8), vec![2, 3])]);
        // 7 and 8 will be in the next window with 6; 1 to 5 will be in none.
        assert_eq!(feeder.tracker().acked_ids().len(), 5);
    });
}

#[test]
fn three_by_three() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("tumbling");
        windows(&mut t, &feeder, Window::tumbling(Span::Tuples(3)).unwrap(), &panes);
        start(t);

        feeder.feed_all([1, 2]);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), []);
        feeder.feed(3);
        advance(ms(5)).await;
        assert_eq!(panes.changes(), [(seq(1..=3), seq(1..=3), vec![])]);
        assert_eq!(feeder.tracker().acked_ids(), [0, 1, 2], "they will be in no other window");
        feeder.feed_all([4, 5, 6]);
        advance(ms(5)).await;

        assert_eq!(panes.changes(), [(seq(4..=6), seq(4..=6), seq(1..=3))]);
    });
}

#[test]
fn what_can_be_in_no_window_any_more_is_let_go_although_none_is_due() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("bounded");
        windows(&mut t, &feeder, Window::sliding(Span::Tuples(5), s(3600)).unwrap(), &panes);
        let running = start(t);

        feeder.feed_all(1..=100);
        advance(s(1)).await;
        assert_eq!(panes.changes(), []);
        assert_eq!(feeder.tracker().acked_ids(), (0..95).collect::<Vec<_>>());
        assert_eq!(running.status().component("window").unwrap().held, 5);
        advance(s(3600)).await;

        assert_eq!(panes.changes(), [(seq(96..=100), seq(96..=100), vec![])]);
    });
}

#[test]
fn the_last_three_every_second_if_there_is_news() {
    virtual_time(async || {
        let (feeder, panes) = (Feeder::new(), Panes::default());
        let mut t = TopologyBuilder::new("last-three");
        windows(&mut t, &feeder, Window::sliding(Span::Tuples(3), s(1)).unwrap(), &panes);
        start(t);

        feeder.feed_all([1, 2, 3, 4]);
        advance(ms(1500)).await;
        assert_eq!(panes.contents(), [[2, 3, 4]]);
        advance(s(10)).await;
        assert_eq!(panes.contents(), [[0; 0]; 0], "the same three again are no news");
        feeder.feed(5);
        advance(s(1)).await;

        assert_eq!(panes.changes(), [(seq(3..=5), vec![5], vec![2])]);
    });
}
