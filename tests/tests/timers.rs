//! What is due at an instant happens at that instant, once, whatever else happens meanwhile.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Capture, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{ms, s, start};
use tokio::time::{Instant, sleep_until};

/// Emits the number of each appointment when it is due. Shared by the tasks of the spout.
#[derive(Clone)]
struct Appointments(Arc<Mutex<BTreeSet<(Instant, u64)>>>);

impl Appointments {
    fn of(delays: impl IntoIterator<Item = Duration>) -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(delays.into_iter().zip(0..).map(|(delay, n)| (now + delay, n)).collect())))
    }

    fn first(&self) -> Option<(Instant, u64)> {
        self.0.lock().unwrap().first().copied()
    }
}

impl Spout for Appointments {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        let Some(first) = self.first() else { return Ok(Next::End) };
        sleep_until(first.0).await;
        // Cancel safe: it is taken only when there is nothing to await any more; and another task may have it.
        if self.0.lock().unwrap().remove(&first) {
            out.track(first.1).emit(first.1);
        }
        Ok(Next::Emitted)
    }
}

#[test]
fn a_hundred_appointments_are_kept_to_the_millisecond() {
    let at_once = || vec![Duration::ZERO; 100];
    let in_a_second = || vec![s(1); 100];
    let in_milliseconds = || vec![ms(300); 100];
    let here_and_there = || (0..100).map(|n| ms(n * 37 % 1000)).collect::<Vec<_>>();
    for delays in [at_once(), in_a_second(), in_milliseconds(), here_and_there()] {
        virtual_time(async || {
            let (appointments, mock) = (Appointments::of(delays.clone()), Mock::<u64>::echo());
            let mut t = TopologyBuilder::new("appointments");
            // Outcomes interrupt `next` all the time.
            let due = t.spout("due", move || appointments.clone()).tasks(3).max_pending(1000).output();
            t.bolt_with("mock", mock.bolts()).shuffle(due);
            let report = start(t).wait().await.unwrap();

            let mut kept: Vec<_> = mock.calls().iter().map(|call| (call.value, call.at)).collect();
            kept.sort_unstable();
            let told: Vec<_> = (0..).zip(delays).collect();
            assert_eq!((kept, report.roots().acked), (told, 100));
        });
    }
}

/// Emits its name at each tick.
struct Beat;

impl Bolt for Beat {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }

    async fn tick(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(1);
        Ok(())
    }
}

#[test]
fn what_recurs_in_seconds_and_in_milliseconds_recurs_exactly() {
    for (period, time, beats) in [(s(3), s(10), 3), (ms(300), s(10), 33), (ms(1), s(1), 1000)] {
        virtual_time(async || {
            let feeder = Feeder::<u64>::new();
            let mut t = TopologyBuilder::new("beats");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let beats_out = t.bolt("beat", || Beat).tasks(10).tick(period).all(numbers).output();
            let captured = Capture::of(&mut t, beats_out);
            start(t);
            advance(time).await;

            assert_eq!(captured.tuples().len(), 10 * beats, "{period:?}");
        });
    }
}

#[test]
fn an_appointment_is_not_kept_while_paused_and_once_afterwards() {
    virtual_time(async || {
        let (appointments, mock) = (Appointments::of([s(1), s(2), s(9)]), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("paused");
        let due = t.spout("due", move || appointments.clone()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(due);
        let running = start(t);

        advance(ms(1500)).await;
        running.pause();
        advance(s(4)).await;
        assert_eq!(mock.values(), [0]);
        running.resume();
        advance(ms(1)).await;
        assert_eq!(mock.values(), [0, 1], "late, and at once");
        quiescent(&running).await;
        running.wait().await.unwrap();

        assert_eq!(mock.calls().iter().map(|call| call.at.as_secs()).collect::<Vec<_>>(), [1, 5, 9]);
    });
}

/// Counts its ticks and emits their number.
struct Clock(u64);

impl Bolt for Clock {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }

    async fn tick(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.0 += 1;
        out.emit(self.0);
        Ok(())
    }
}

struct SyncClock(Clock);

impl SyncBolt for SyncClock {
    type In = u64;
    type Out = Emit<u64>;

    fn execute(&mut self, _: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }

    fn tick(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.0.0 += 1;
        out.emit(self.0.0);
        Ok(())
    }
}

#[test]
fn ticks_are_exact_one_then_two_then_three_and_no_more() {
    for is_sync in [false, true] {
        virtual_time(async || {
            let feeder = Feeder::<u64>::new();
            let mut t = TopologyBuilder::new("ticks");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let ticks = if is_sync {
                t.sync_bolt("clock", || SyncClock(Clock(0))).tick(s(30)).shuffle(numbers).output()
            } else {
                t.bolt("clock", || Clock(0)).tick(s(30)).shuffle(numbers).output()
            };
            let captured = Capture::of(&mut t, ticks);
            let running = start(t);

            advance(s(29)).await;
            assert!(captured.tuples().is_empty());
            for seen in [[1].as_slice(), &[1, 2], &[1, 2, 3]] {
                advance(s(1)).await;
                assert_eq!(captured.tuples(), seen);
                advance(s(29)).await;
                assert_eq!(captured.tuples(), seen);
            }
            assert_eq!(running.status().roots.emitted, 0, "what a tick emits belongs to no root");
        });
    }
}

#[test]
fn every_task_ticks_and_work_does_not_keep_it_from_it() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("busy-ticks");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let ticks = t.bolt("clock", || Clock(0)).tasks(3).tick(ms(10)).shuffle(numbers).output();
        let captured = Capture::of(&mut t, ticks);
        start(t);

        for n in 0..100 {
            feeder.feed(n);
            advance(ms(1)).await;
        }

        assert_eq!(captured.sorted(), (1..=10).flat_map(|n| [n; 3]).collect::<Vec<_>>());
    });
}
