//! A tap shows what is emitted, and nobody waits for it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use squall::{Refused, Tap, Tapped, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{ms, start};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    items: Vec<(String, u32)>,
    note: Option<String>,
}

fn order(id: u64) -> Order {
    let items = vec![("tea".to_owned(), 2), ("Käse".to_owned(), 1)];
    Order { id, customer: "Ada".to_owned(), items, note: None }
}

/// What waits in a tap.
async fn waiting(tap: &mut Tap) -> Vec<Tapped> {
    let mut samples = Vec::new();
    while let Ok(Some(sample)) = tokio::time::timeout(ms(1), tap.next()).await {
        samples.push(sample);
    }
    samples
}

/// A topology that echoes what is fed.
fn echoing<T: squall::Tuple>(feeder: &Feeder<T>, mock: &Mock<T>) -> Running {
    let mut t = TopologyBuilder::new("tapped");
    let fed = t.spout("source", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).shuffle(fed);
    start(t)
}

#[test]
fn every_field_of_an_emitted_tuple_can_be_seen() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("mock", Some("default"), 10).unwrap();
        let fed = feeder.feed(order(7));

        let sample = tap.next().await.unwrap();

        assert_eq!((sample.component.as_str(), sample.task, sample.stream), ("mock", 0, "default"));
        assert!(!sample.cut && !sample.failed);
        assert_eq!(serde_json::from_str::<Order>(&sample.tuple).unwrap(), order(7));
        quiescent(&running).await;
        assert!(fed.is_acked());
        let shown = serde_json::to_value(&sample).unwrap();
        assert_eq!(shown["stream"], "default");
        assert!(shown["at"].as_f64().unwrap() > 1.5e9, "{shown}");
    });
}

/// A tuple that counts how often it is turned into text.
#[derive(Clone, Deserialize)]
struct Counted;

static SERIALIZED: AtomicU64 = AtomicU64::new(0);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        SERIALIZED.fetch_add(1, Relaxed);
        serializer.serialize_unit()
    }
}

#[test]
fn a_tuple_that_nobody_looks_at_is_not_turned_into_text() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        feeder.feed(Counted);
        quiescent(&running).await;
        assert_eq!(SERIALIZED.load(Relaxed), 0, "nobody has looked yet");

        let mut tap = running.tap("source", None, 10).unwrap();
        feeder.feed(Counted);
        assert_eq!(tap.next().await.unwrap().tuple, "null");
        drop(tap);
        feeder.feed_all([Counted, Counted]);
        quiescent(&running).await;

        assert_eq!(SERIALIZED.load(Relaxed), 1, "nobody looks any more");
        assert_eq!(mock.count(), 4);
    });
}

#[test]
fn a_slow_reader_loses_samples_and_the_topology_no_tuples() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("mock", None, u32::MAX).unwrap();

        let fed = feeder.feed_all(0..5000_u64);
        quiescent(&running).await;

        assert!(fed.iter().all(squall_testkit::Fed::is_acked));
        assert_eq!(mock.count(), 5000);
        let seen = waiting(&mut tap).await;
        assert_eq!(seen.len(), 256, "as many as wait for a reader");
        feeder.feed(5000);
        assert_eq!(tap.next().await.unwrap().tuple, "5000", "it goes on for who reads again");
    });
}

#[test]
fn the_rate_is_an_upper_bound() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("mock", None, 5).unwrap();

        feeder.feed_all(0..1000_u64);
        quiescent(&running).await;
        assert_eq!(waiting(&mut tap).await.len(), 5);

        advance(ms(2000)).await;
        feeder.feed_all(0..1000_u64);
        quiescent(&running).await;
        assert_eq!(waiting(&mut tap).await.len(), 5, "what was not used is not saved up");
    });
}

/// A tuple whose `Serialize` does as it says.
#[derive(Clone, Deserialize)]
enum Awkward {
    Fine,
    Refuses,
    Panics,
}

impl Serialize for Awkward {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Fine => serializer.serialize_str("fine"),
            Self::Refuses => Err(S::Error::custom("it has no text")),
            Self::Panics => panic!("no text"),
        }
    }
}

#[test]
fn a_tuple_that_cannot_be_serialised_harms_nobody_and_the_sample_says_so() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("mock", None, 100).unwrap();

        let fed = feeder.feed_all([Awkward::Fine, Awkward::Refuses, Awkward::Panics, Awkward::Fine]);
        quiescent(&running).await;

        assert!(fed.iter().all(squall_testkit::Fed::is_acked));
        assert_eq!(running.status().component("mock").unwrap().restarts, 0);
        let samples = waiting(&mut tap).await;
        assert_eq!(
            samples.iter().map(|sample| sample.failed).collect::<Vec<_>>(),
            [false, true, true, false]
        );
        let said = |at: usize| serde_json::from_str::<String>(&samples[at].tuple).unwrap();
        assert_eq!((said(0), said(3)), ("fine".to_owned(), "fine".to_owned()));
        assert_eq!(said(1), "the tuple could not be turned into JSON: it has no text");
        assert!(
            said(2).starts_with("the tuple could not be turned into JSON: panicked: no text"),
            "{}",
            said(2)
        );
    });
}

#[test]
fn a_long_tuple_is_cut_and_says_so() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("source", None, 10).unwrap();
        feeder.feed("ü".repeat(1 << 20));
        let sample = tap.next().await.unwrap();
        assert!(sample.cut && !sample.failed);
        assert!(sample.tuple.len() > Tapped::MOST - 4 && sample.tuple.len() <= Tapped::MOST);
        assert!(sample.tuple.starts_with("\"üü") && sample.tuple.ends_with('ü'));
    });
}

#[test]
fn a_tap_of_one_stream_or_component_shows_no_other_and_survives_a_rebalance() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut source = running.tap("source", None, 100).unwrap();
        let mut tap = running.tap("mock", None, 100).unwrap();
        running.rebalance("mock", 3).await.unwrap();
        running.rebalance("source", 2).await.unwrap();
        feeder.feed(1_u64);
        quiescent(&running).await;
        let (emitted, echoed) = (waiting(&mut source).await, waiting(&mut tap).await);
        assert_eq!((emitted.len(), echoed.len()), (1, 1));
        assert_eq!((emitted[0].component.as_str(), echoed[0].component.as_str()), ("source", "mock"));
    });
}

#[test]
fn a_tap_ends_with_the_topology_when_what_waits_is_read() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of([1_u64, 2]), Mock::echo());
        let running = echoing(&feeder, &mock);
        let mut tap = running.tap("mock", None, 100).unwrap();
        running.wait().await.unwrap();

        assert_eq!(tap.next().await.unwrap().tuple, "1");
        assert_eq!(tap.next().await.unwrap().tuple, "2");
        assert_eq!(tap.next().await, None);
        assert!(matches!(running.tap("mock", None, 1), Err(Refused::NotRunning)));
    });
}

#[test]
fn a_tap_that_cannot_be_opened_says_why() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::<u64>::new(), Mock::echo());
        let running = echoing(&feeder, &mock);
        let refused = |component, stream| running.tap(component, stream, 1).unwrap_err().to_string();
        assert_eq!(refused("mick", None), "there is no component `mick`; there are: source, mock");
        assert_eq!(refused("mock", Some("words")), "`mock` has no stream `words`; it has: default");

        let taps: Vec<_> =
            (0..64).map(|at| running.tap(["mock", "source"][at % 2], None, 1).unwrap()).collect();
        assert_eq!(refused("mock", None), "64 taps are open, and that is as many as may be; close one first");
        drop(taps);
        assert!(running.tap("mock", None, 1).is_ok());
    });
}

#[test]
fn a_tap_is_read_on_any_thread() {
    let feeder = Feeder::new();
    let mock = Mock::<u64>::echo();
    let mut t = TopologyBuilder::new("threads");
    let fed = t.spout("source", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).tasks(2).shuffle(fed);
    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();
    let mut tap = running.tap("mock", None, 1000).unwrap();
    let reader = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut seen = 0;
            while tap.next().await.is_some() {
                seen += 1;
            }
            seen
        })
    });

    feeder.feed_all(0..100_u64);
    feeder.end();
    let report = running.wait_blocking().unwrap();

    assert_eq!(report.roots().acked, 100);
    assert_eq!(reader.join().unwrap(), 100, "the end of the topology ends the tap");
}
