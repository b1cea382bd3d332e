//! A task that runs is busy, blocked or idle, and nothing of its time is lost.

use squall::prelude::*;
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{ms, s, start};

use super::{Computes, assert_near, assert_sums, of};

#[test]
fn a_bolt_that_waits_for_room_is_blocked_and_not_busy() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("blocked");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(1000).output();
        let quick = t.bolt("quick", || Computes(|_| 1)).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).inbox(4).shuffle(quick);
        let running = start(t);

        feeder.feed_all(0..1000);
        advance(s(100)).await;

        let quick = of(&running, "quick");
        assert_near(quick.busy_seconds, quick.executed as f64 * 0.001);
        assert_near(quick.busy_seconds + quick.blocked_seconds, 100.0);
        assert!(quick.blocked_seconds > 99.0, "{quick:?}");
        assert_sums(&quick);
        // What it awaits belongs to a bolt, and is told before it is over.
        assert_near(of(&running, "sink").busy_seconds, 100.0);

        sink.release();
        quiescent(&running).await;
        let (quick, sink) = (of(&running, "quick"), of(&running, "sink"));
        assert_near(quick.busy_seconds, 1.0);
        for component in [&quick, &sink, &of(&running, "numbers")] {
            let all = component.busy_seconds + component.blocked_seconds + component.idle_seconds;
            assert_near(all, running.status().uptime_seconds);
            assert_sums(component);
        }
    });
}

#[test]
fn who_has_nothing_to_do_is_idle_also_while_nothing_happens() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::<u64>::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("idle");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("sink", sink.bolts()).tasks(3).fields(numbers, |n| n);
        let running = start(t);

        advance(s(60)).await;

        assert_near(of(&running, "numbers").idle_seconds, 60.0);
        assert_near(of(&running, "sink").idle_seconds, 180.0);
        assert_sums(&of(&running, "sink"));
    });
}

#[test]
fn a_spout_that_waits_for_room_is_blocked() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("blocked");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(1000).output();
        t.bolt_with("sink", sink.bolts()).inbox(4).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..1000);
        advance(s(10)).await;

        let numbers = of(&running, "numbers");
        assert_near(numbers.blocked_seconds, 10.0);
        assert_near(numbers.busy_seconds, 0.0);
    });
}

/// Emits a hundred numbers for each one, and waits for room for each ten.
struct Flood;

impl Bolt for Flood {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        for n in 0..100 {
            out.emit(n);
            if n % 10 == 9 {
                out.flush().await;
            }
        }
        Ok(())
    }
}

#[test]
fn room_that_user_code_waits_for_is_blocked_time_and_not_of_its_execute() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("flood");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let flood = t.bolt("flood", || Flood).shuffle(numbers).output();
        let slow = Mock::<u64>::acting(|_| squall_testkit::Act::Delay(ms(100)));
        t.bolt_with("slow", slow.bolts()).inbox(10).shuffle(flood);
        let running = start(t);

        feeder.feed(1);
        quiescent(&running).await;

        let flood = of(&running, "flood");
        assert!(flood.blocked_seconds > 7.0, "{flood:?}");
        assert_near(flood.busy_seconds, 0.0);
        assert_eq!(flood.execute.count(), 1);
        assert_near(flood.execute.sum_seconds, 0.0);
    });
}

#[test]
fn a_task_that_backs_off_or_is_over_is_neither_busy_nor_blocked_nor_idle() {
    virtual_time(async || {
        let feeder = Feeder::of(0..1u64);
        let mut t = TopologyBuilder::new("over");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("sink", || Computes(|_| 1000)).shuffle(numbers);
        let running = start(t);
        let report = running.wait().await.unwrap();
        advance(s(1000)).await;

        assert_near(report.component("sink").unwrap().busy_seconds, 1.0);
        let sink = of(&running, "sink");
        assert_near(sink.busy_seconds, 1.0);
        assert!(sink.idle_seconds + sink.blocked_seconds < 1.0, "{sink:?}");
    });
}
