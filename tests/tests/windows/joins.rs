//! Joins of two streams in a window.

use serde::{Deserialize, Serialize};
use squall::{
    TopologyBuilder,
    windows::{EventTime, EventWindowBolt, Join, JoinIn, Span, Window, WindowBolt},
};
use squall_testkit::{Capture, Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sailor {
    id: u32,
    port: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Voyage {
    sailor: u32,
    miles: u32,
}

/// Ten sailors; 1, 9 and 10 never sail.
fn sailors() -> Vec<Sailor> {
    let ports = ["brest", "cork", "porto", "gdansk", "kiel", "bergen", "naples", "malmo", "naples", "oslo"];
    ports.iter().zip(1..).map(|(port, id)| Sailor { id, port: (*port).to_owned() }).collect()
}

/// Nine voyages of seven sailors.
fn voyages() -> Vec<Voyage> {
    let of = [(2, 70), (2, 30), (3, 40), (4, 50), (5, 20), (6, 70), (6, 40), (7, 20), (8, 90)];
    of.into_iter().map(|(sailor, miles)| Voyage { sailor, miles }).collect()
}

type Row = (u32, Option<u32>);

/// Both streams through a join of three tasks, keyed.
async fn joined(join: fn() -> Join<Sailor, Voyage, u32, Row>) -> Vec<Row> {
    let (left, right) = (Feeder::new(), Feeder::new());
    let mut t = TopologyBuilder::new("join");
    let sailors_in = t.spout("sailors", left.spouts()).output();
    let voyages_in = t.spout("voyages", right.spouts()).output();
    let window = Window::tumbling(s(1)).unwrap();
    let rows = t
        .bolt_with("join", async move |cx| WindowBolt::open(cx, window, join()))
        .tasks(3)
        .fields(sailors_in.via(JoinIn::Left), |sailor| &sailor.id)
        .fields(voyages_in.via(JoinIn::Right), |voyage| &voyage.sailor)
        .output();
    let rows = Capture::of(&mut t, rows);
    start(t);
    // The right side first: the order of arrival does not count.
    let voyages = right.feed_all(voyages());
    advance(ms(50)).await;
    let sailors = left.feed_all(sailors());
    advance(ms(800)).await;
    assert_eq!(rows.tuples(), []);
    advance(ms(200)).await;
    assert!(voyages.iter().chain(&sailors).all(|fed| fed.is_acked()));
    rows.sorted()
}

#[test]
fn an_inner_join_has_a_row_for_each_pair() {
    virtual_time(async || {
        let rows =
            joined(|| Join::inner(|s: &Sailor| s.id, |v: &Voyage| v.sailor, |s, v| (s.id, Some(v.miles))))
                .await;
        let all: Vec<_> = voyages().iter().map(|voyage| (voyage.sailor, Some(voyage.miles))).collect();
        assert_eq!(rows.len(), 9);
        assert!(all.iter().all(|row| rows.contains(row)), "{rows:?}");
    });
}

#[test]
fn a_left_join_keeps_what_has_no_partner() {
    virtual_time(async || {
        let join = || {
            Join::left(
                |s: &Sailor| s.id,
                |v: &Voyage| v.sailor,
                |s, v: Option<&Voyage>| (s.id, v.map(|v| v.miles)),
            )
        };
        let rows = joined(join).await;
        assert_eq!(rows.len(), 12);
        let alone: Vec<_> = rows.iter().filter(|(_, miles)| miles.is_none()).map(|(id, _)| *id).collect();
        assert_eq!(alone, [1, 9, 10]);
    });
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Yard {
    port: String,
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Port {
    name: String,
    country: String,
}

/// A sailor, the yard of the port, and the port.
type Moored = (u32, Option<String>, String);
/// A sailor, the yard of the port, and its country.
type Place = (u32, Option<String>, Option<String>);

/// Each sailor with the yard of the port.
fn moored(keeps_all: bool) -> Join<Sailor, Yard, String, Moored> {
    let row = |s: &Sailor, y: Option<&Yard>| (s.id, y.map(|y| y.name.clone()), s.port.clone());
    let (left, right) = (|s: &Sailor| s.port.clone(), |y: &Yard| y.port.clone());
    if keeps_all {
        Join::left(left, right, row)
    } else {
        Join::inner(left, right, move |s, y| row(s, Some(y)))
    }
}

/// That with the country of the port.
fn placed(keeps_all: bool) -> Join<Moored, Port, String, Place> {
    let row = |m: &Moored, p: Option<&Port>| (m.0, m.1.clone(), p.map(|p| p.country.clone()));
    let (left, right) = (|m: &Moored| m.2.clone(), |p: &Port| p.name.clone());
    if keeps_all {
        Join::left(left, right, row)
    } else {
        Join::inner(left, right, move |m, p| row(m, Some(p)))
    }
}

/// Ten sailors, five yards and five ports through two joins, each of which keeps all or not.
async fn placed_sailors(first_keeps_all: bool, second_keeps_all: bool) -> Vec<Place> {
    let (people, yards, ports) = (Feeder::new(), Feeder::new(), Feeder::new());
    let mut t = TopologyBuilder::new("three");
    let people_in = t.spout("people", people.spouts()).output();
    let yards_in = t.spout("yards", yards.spouts()).output();
    let ports_in = t.spout("ports", ports.spouts()).output();
    let window = Window::tumbling(s(1)).unwrap();
    let rows = t
        .bolt_with("moored", async move |cx| WindowBolt::open(cx, window, moored(first_keeps_all)))
        .tasks(2)
        .fields(people_in.via(JoinIn::Left), |sailor| &sailor.port)
        .fields(yards_in.via(JoinIn::Right), |yard| &yard.port)
        .output();
    let rows = t
        .bolt_with("placed", async move |cx| WindowBolt::open(cx, window, placed(second_keeps_all)))
        .tasks(2)
        .fields(rows.via(JoinIn::Left), |moored| &moored.2)
        .fields(ports_in.via(JoinIn::Right), |port| &port.name)
        .output();
    let rows = Capture::of(&mut t, rows);
    start(t);

    let yard = |(port, name): (&str, &str)| Yard { port: port.to_owned(), name: name.to_owned() };
    people.feed_all(sailors());
    yards.feed_all(
        [("brest", "A"), ("cork", "B"), ("porto", "C"), ("gdansk", "D"), ("naples", "E")].map(yard),
    );
    advance(ms(1100)).await;
    let port = |(name, country): (&str, &str)| Port { name: name.to_owned(), country: country.to_owned() };
    ports.feed_all(
        [("brest", "F"), ("cork", "I"), ("porto", "P"), ("gdansk", "PL"), ("naples", "IT")].map(port),
    );
    let acked = people.tracker().acked_ids();
    assert!([0, 1, 2, 3, 6, 8].iter().all(|id| !acked.contains(id)), "the second join holds their rows");
    advance(s(1)).await;
    assert_eq!(people.tracker().acked_ids().len(), 10);
    people.tracker().assert_one_outcome_each();
    rows.sorted()
}

#[test]
fn three_streams_are_two_joins() {
    virtual_time(async || {
        let rows = placed_sailors(false, false).await;
        let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
        assert_eq!(ids, [1, 2, 3, 4, 7, 9], "two of them in one port");
        assert!(rows.iter().all(|(_, yard, country)| yard.is_some() && country.is_some()));
    });
}

#[test]
fn the_joins_of_three_streams_may_be_of_either_kind() {
    virtual_time(async || {
        let rows = placed_sailors(true, true).await;
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        assert_eq!(rows.iter().filter(|(_, yard, _)| yard.is_none()).count(), 4, "without a yard, and kept");
    });
    virtual_time(async || {
        let rows = placed_sailors(false, true).await;
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4, 7, 9]);
    });
}

#[test]
fn a_join_by_timestamps_waits_for_the_side_that_is_behind() {
    virtual_time(async || {
        let (left, right) = (Feeder::<(i64, u32)>::new(), Feeder::<(i64, u32)>::new());
        let mut t = TopologyBuilder::new("event-join");
        let a = t.spout("left", left.spouts()).output();
        let b = t.spout("right", right.spouts()).output();
        let window = Window::tumbling(s(10)).unwrap();
        let time = EventTime::of_join(|l: &(i64, u32)| l.0, |r: &(i64, u32)| r.0);
        let joined = t
            .bolt_with("join", async move |cx| {
                let join = Join::inner(|l: &(i64, u32)| l.1, |r: &(i64, u32)| r.1, |l, r| (l.0, r.0));
                EventWindowBolt::open(cx, window, time.clone(), join)
            })
            .fields(a.via(JoinIn::Left), |l| &l.1)
            .fields(b.via(JoinIn::Right), |r| &r.1)
            .output();
        let rows = Capture::of(&mut t, joined.results);
        start(t);

        left.feed_all([(1000, 7), (9000, 8), (25_000, 7)]);
        advance(s(1)).await;
        assert_eq!(rows.tuples(), [], "the right side has not spoken");
        right.feed_all([(2000, 7), (3000, 7)]);
        advance(s(1)).await;
        assert_eq!(rows.tuples(), [], "the right side is at 3 s");
        right.feed((10_001, 7));
        advance(s(1)).await;

        assert_eq!(rows.tuples(), [(1000, 2000), (1000, 3000)]);
    });
}

#[test]
fn each_side_may_be_counted_to_the_same_window() {
    virtual_time(async || {
        let (left, right) = (Feeder::new(), Feeder::new());
        let mut t = TopologyBuilder::new("by-number");
        let a = t.spout("left", left.spouts()).output();
        let b = t.spout("right", right.spouts()).output();
        let window = Window::tumbling(Span::Tuples(4)).unwrap();
        let joined = t
            .bolt_with("join", async move |cx| {
                WindowBolt::open(cx, window, Join::inner(|l: &u32| *l, |r: &u32| *r, |l, r| (*l, *r)))
            })
            .global(a.via(JoinIn::Left))
            .global(b.via(JoinIn::Right))
            .output();
        let rows = Capture::of(&mut t, joined);
        start(t);

        left.feed_all([1_u32, 1]);
        advance(ms(10)).await;
        right.feed_all([1_u32, 1]);
        advance(ms(10)).await;

        assert_eq!(rows.tuples(), [(1, 1); 4], "every pair");
        assert_eq!(left.tracker().acked_ids().len() + right.tracker().acked_ids().len(), 4);
    });
}
