//! Promise 4: nothing is unbounded. Every inbox has a capacity, and a slow consumer slows its producers down to
//! the spout.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use squall::{Status, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Done, Slow, assert_counts, ms, s, start};

fn assert_bounded(status: &Status) {
    for component in &status.components {
        for inbox in &component.inboxes {
            assert!(inbox.most <= inbox.capacity, "{}: {inbox:?}", component.name);
        }
    }
}

#[test]
fn an_inbox_takes_its_capacity_and_no_more() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("full");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(1000).output();
        t.bolt_with("sink", sink.bolts()).inbox(64).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..1000);
        advance(s(1)).await;
        let inbox = running.status().component("sink").unwrap().inboxes[0].clone();
        assert_eq!((inbox.most, inbox.taken, sink.stalled()), (64, 1, 1));
        sink.release();
        quiescent(&running).await;

        assert_eq!(sink.values(), (0..1000).collect::<Vec<_>>(), "the overflow keeps its order");
        assert_eq!(feeder.tracker().acked_ids().len(), 1000);
        let status = running.status();
        assert_bounded(&status);
        assert!(status.component("sink").unwrap().inboxes[0].blocked_seconds >= 1.0, "{status:?}");
    });
}

#[test]
fn an_inbox_whose_tasks_give_nothing_back_is_never_deeper_than_its_capacity() {
    virtual_time(async || {
        let (feeder, done) = (Feeder::of(0..2000), Done::default());
        let mut t = TopologyBuilder::new("chain");
        let mut stream = t.spout("numbers", feeder.spouts()).tasks(2).max_pending(500).output();
        for (level, capacity) in [1, 7, 64, 300].into_iter().enumerate() {
            let mock = Mock::<u64>::panics_every(97);
            let bolt = t.bolt_with(format!("level-{level}"), mock.bolts()).inbox(capacity);
            stream = match level {
                0 | 2 => bolt.tasks(3).shuffle(stream).output(),
                1 => bolt.tasks(2).fields(stream, |n| n).output(),
                _ => bolt.tasks(2).all(stream).output(),
            };
        }
        t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| ms(1))).tasks(2).inbox(3).shuffle(stream);
        let running = start(t);
        let report = running.wait().await.unwrap();

        for component in report.status.components.iter().filter(|component| component.name == "slow") {
            assert!(component.inboxes[0].most <= 3, "{component:?}");
        }
        assert_counts(&report.status);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn max_pending_holds_for_each_task_of_a_spout() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("pending");
        let numbers = t.spout("numbers", feeder.spouts()).tasks(3).max_pending(5).output();
        t.bolt_with("sink", sink.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..1000);
        for _ in 0..20 {
            advance(ms(100)).await;
            assert_eq!((running.status().roots.pending, feeder.emissions()), (15, 15));
        }
        sink.release();
        feeder.end();
        let report = running.wait().await.unwrap();

        assert_eq!(report.roots().acked, 1000);
    });
}

#[test]
fn a_sink_that_never_returns_stops_the_spout() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("stopped");
        let mut stream = t.spout("numbers", feeder.spouts()).output();
        for level in 0..3 {
            let mock = Mock::<u64>::echo();
            stream = t.bolt_with(format!("level-{level}"), mock.bolts()).inbox(10).shuffle(stream).output();
        }
        t.bolt_with("sink", sink.bolts()).inbox(10).shuffle(stream);
        let running = start(t);

        (0..20_000).for_each(|n| feeder.feed_untracked(n));
        advance(s(1)).await;
        let emitted = feeder.emissions();
        advance(s(3600)).await;

        assert_eq!(feeder.emissions(), emitted, "an hour later not one more");
        // Four inboxes, and for each emitting task a batch that it collects and one that waits for room.
        assert!(emitted <= 4 * 10 + 4 * 2 * 256 + 1, "{emitted}");
        assert_bounded(&running.status());
    });
}

#[test]
fn one_stalled_task_of_eight_delays_nobody() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| if call.value == 100 { Act::Stall } else { Act::Pass });
        let mut t = TopologyBuilder::new("one-of-eight");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(10_000).output();
        t.bolt_with("mock", mock.bolts()).tasks(8).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed_all(0..5000);
        advance(ms(20)).await;

        assert_eq!(mock.stalled(), 1);
        let waiting: Vec<_> = fed.iter().filter(|fed| !fed.is_acked()).map(|fed| fed.id()).collect();
        assert_eq!(waiting, [100]);
        mock.release();
        quiescent(&running).await;
        assert!(fed[100].is_acked());
    });
}

#[test]
fn a_stalled_key_leaves_the_tasks_of_other_keys_alone() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| if call.value == 0 { Act::Stall } else { Act::Pass });
        let mut t = TopologyBuilder::new("keys");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(4).fields_by(numbers, |n| n % 16);
        start(t);

        let fed = feeder.feed_all(0..400);
        advance(ms(20)).await;

        let stalled_task = mock.calls().iter().find(|call| call.value == 0).unwrap().task;
        for other in (0..4).filter(|task| *task != stalled_task) {
            let values = mock.values_of(other);
            assert!(values.iter().all(|n| fed[usize::try_from(*n).unwrap()].is_acked()));
        }
        assert_eq!(mock.values_of(stalled_task), [0]);
    });
}

#[test]
fn a_spout_waits_for_the_slowest_of_its_subscribers() {
    virtual_time(async || {
        let (feeder, done) = (Feeder::of(0..500), Done::default());
        let quick = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("slowest");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(10).output();
        t.bolt_with("quick", quick.bolts()).shuffle(numbers);
        t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| ms(10))).inbox(5).shuffle(numbers);
        let running = start(t);

        advance(ms(1000)).await;
        let ahead = quick.count() - done.lock().unwrap().len();
        assert!(ahead <= 10, "{ahead} roots ahead");
        assert_eq!(running.wait().await.unwrap().roots().acked, 500);
    });
}

/// Emits 0 to 999 for each tuple, and flushes every so often.
struct Flood;

impl Bolt for Flood {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        for n in 0..1000 {
            out.emit(n);
            if n % 10 == 9 {
                out.flush().await;
            }
        }
        Ok(())
    }
}

/// [`Flood`] on a thread of its own.
struct SyncFlood;

impl SyncBolt for SyncFlood {
    type In = u64;
    type Out = Emit<u64>;

    fn execute(&mut self, _: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        for n in 0..1000 {
            out.emit(n);
            if n % 10 == 9 {
                out.flush_blocking();
            }
        }
        Ok(())
    }
}

#[test]
fn a_huge_output_waits_for_room_where_it_is_flushed() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("flood");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let flood = t.bolt("flood", || Flood).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).inbox(20).shuffle(flood);
        let running = start(t);

        let fed = feeder.feed(1);
        advance(s(1)).await;
        let emitted = running.status().component("flood").unwrap().emitted;
        assert!((20..=40).contains(&emitted), "{emitted}");
        sink.release();
        quiescent(&running).await;

        assert_eq!(sink.values(), (0..1000).collect::<Vec<_>>());
        assert!(fed.is_acked());
    });
}

#[test]
fn a_huge_output_of_a_sync_bolt_waits_on_its_own_thread() {
    let (feeder, sink) = (Feeder::of(0..5), Mock::<u64>::echo());
    let mut t = TopologyBuilder::new("sync-flood");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let flood = t.sync_bolt("flood", || SyncFlood).shuffle(numbers).output();
    t.bolt_with("sink", sink.bolts()).inbox(7).shuffle(flood);

    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();
    let report = running.wait_blocking().unwrap();

    assert_eq!((sink.count(), report.roots().acked), (5000, 5));
}

/// Tracks ten roots a call, whatever room there is.
struct Tens(u64);

impl Spout for Tens {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        for _ in 0..10 {
            self.0 += 1;
            out.track(self.0).emit(self.0);
        }
        Ok(if self.0 < 100 { Next::Emitted } else { Next::End })
    }
}

#[test]
fn a_spout_that_tracks_more_than_there_is_room_for_is_asked_again_when_there_is() {
    virtual_time(async || {
        let sink = Mock::<u64>::stalls_every(1);
        let mut t = TopologyBuilder::new("tens");
        let numbers = t.spout("tens", || Tens(0)).max_pending(4).output();
        t.bolt_with("sink", sink.bolts()).shuffle(numbers);
        let running = start(t);

        advance(s(1)).await;
        assert_eq!(running.status().roots.pending, 10);
        sink.release();

        assert_eq!(running.wait().await.unwrap().roots().acked, 100);
    });
}
