//! A root without an outcome fails in `(T, T + T/8]`, plus the timer's millisecond.

use std::time::Duration;

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Held, ms, s, start};

#[test]
fn only_what_is_not_acked_times_out_and_within_an_eighth() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("every-second");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(10)).output();
        t.bolt("hold", held.bolts(|n: &u64| n.is_multiple_of(2))).shuffle(numbers);
        start(t);

        let fed = feeder.feed_all([1, 2, 3]);
        advance(s(9)).await;
        assert!(fed[0].is_acked() && fed[2].is_acked());
        assert_eq!(fed[1].outcome(), None);
        advance(s(1)).await;
        assert_eq!(fed[1].outcome(), None, "not before the timeout is over");
        advance(ms(1252)).await;

        assert_eq!(fed[1].reason(), Some(Reason::Timeout));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn the_bounds_hold_at_every_phase_of_the_sweep() {
    for timeout in [ms(80), ms(1000), s(30), s(3600)] {
        virtual_time(async || bounds_hold(timeout).await);
    }
}

async fn bounds_hold(timeout: Duration) {
    let (feeder, held) = (Feeder::new(), Held::default());
    let mut t = TopologyBuilder::new("bounds");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(timeout).output();
    t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
    let running = start(t);
    let mut fed = Vec::new();
    let began = tokio::time::Instant::now();
    for n in 0..24 {
        fed.push((began.elapsed(), feeder.feed(n)));
        advance((timeout / 80).max(ms(1))).await;
    }
    quiescent(&running).await;
    for (at, fed) in fed {
        let outcome = fed.outcome().unwrap();
        assert_eq!(outcome.reason(), Some(Reason::Timeout));
        let took = outcome.at - at;
        assert!(took > timeout && took <= timeout + timeout / 8 + ms(2), "{timeout:?}: {took:?}");
    }
    feeder.tracker().assert_one_outcome_each();
}

#[test]
fn a_busy_spout_does_not_put_off_a_timeout() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("busy");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
        t.bolt("hold", held.bolts(|n: &u64| *n == 0)).shuffle(numbers);
        start(t);

        let stuck = feeder.feed(0);
        for n in 1..2000 {
            feeder.feed(n);
            advance(ms(1)).await;
        }

        let outcome = stuck.outcome().unwrap();
        assert_eq!(outcome.reason(), Some(Reason::Timeout));
        assert!(outcome.at > s(1) && outcome.at <= ms(1127), "{:?}", outcome.at);
        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Timeout)]);
    });
}

#[test]
fn a_timeout_of_centuries_is_none() {
    for timeout in [s(60 * 60 * 24 * 36500), Duration::MAX] {
        virtual_time(async || {
            let (feeder, held) = (Feeder::new(), Held::default());
            let mut t = TopologyBuilder::new("patient");
            let numbers = t.spout("numbers", feeder.spouts()).message_timeout(timeout).output();
            t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
            let running = start(t);

            let fed = feeder.feed(1);
            advance(s(60 * 60 * 24 * 365)).await;
            assert_eq!(fed.outcome(), None);
            held.ack();
            quiescent(&running).await;

            assert!(fed.is_acked());
        });
    }
}

#[test]
fn each_spout_has_its_own_timeout() {
    virtual_time(async || {
        let (quick, patient, held) = (Feeder::new(), Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("two");
        let a = t.spout("quick", quick.spouts()).message_timeout(s(1)).output();
        let b = t.spout("patient", patient.spouts()).message_timeout(s(60)).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(a).shuffle(b);
        start(t);

        let (soon, later) = (quick.feed(1), patient.feed(2));
        advance(s(10)).await;

        assert_eq!(soon.reason(), Some(Reason::Timeout));
        assert_eq!(later.outcome(), None);
    });
}

/// Holds what comes, and asks for time for one of them at each tick.
struct Patient(Vec<(u64, squall::Anchor)>);

impl Bolt for Patient {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, n: u64, out: &mut Output<()>) -> Result<()> {
        self.0.push((n, out.hold()));
        Ok(())
    }

    async fn tick(&mut self, _: &mut Output<()>) -> Result<()> {
        self.0.iter().filter(|(n, _)| *n == 1).for_each(|(_, anchor)| anchor.reset_timeout());
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        self.0.drain(..).for_each(|(_, anchor)| anchor.ack());
        Ok(())
    }
}

#[test]
fn a_root_whose_timeout_is_reset_lives_on_and_its_neighbour_does_not() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("reset");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(10)).output();
        t.bolt("patient", || Patient(Vec::new())).shuffle(numbers).tick(s(5));
        let running = start(t);

        let fed = feeder.feed_all([1, 2]);
        advance(ms(32_000)).await;
        assert_eq!(fed[0].outcome(), None, "three timeouts have passed");
        let neighbour = fed[1].outcome().unwrap();
        assert_eq!(neighbour.reason(), Some(Reason::Timeout));
        assert!(neighbour.at <= ms(11_252), "{:?}", neighbour.at);
        running.drain(s(60));
        quiescent(&running).await;

        assert!(fed[0].is_acked());
        feeder.tracker().assert_one_outcome_each();
    });
}

/// Asks once for time, for the tuple in hand, so long after it came.
struct Once(Held, Duration);

impl Bolt for Once {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, out: &mut Output<()>) -> Result<()> {
        tokio::time::sleep(self.1).await;
        out.reset_timeout();
        self.0.hold(out);
        Ok(())
    }
}

#[test]
fn a_timeout_that_is_reset_begins_anew_within_the_same_bounds() {
    for after in [ms(10), ms(333), ms(800), ms(999)] {
        virtual_time(async || {
            let (feeder, held) = (Feeder::new(), Held::default());
            let mut t = TopologyBuilder::new("anew");
            let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
            let hold = held.clone();
            t.bolt("once", move || Once(hold.clone(), after)).shuffle(numbers);
            start(t);

            let fed = feeder.feed(1);
            advance(s(5)).await;

            let outcome = fed.outcome().unwrap();
            assert_eq!(outcome.reason(), Some(Reason::Timeout));
            let took = outcome.at - after;
            assert!(took > s(1) && took <= ms(1127), "{after:?}: {took:?}");
        });
    }
}

#[test]
fn a_spout_that_failed_before_a_full_inbox_tells_its_timeouts_in_time() {
    for act in [Act::Fail, Act::Panic] {
        virtual_time(async || {
            let feeder = Feeder::new().acting(move |nth| if nth == 4 { act } else { Act::Pass });
            let mock = Mock::<u64>::stalls_every(1);
            let mut t = TopologyBuilder::new("full");
            let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
            t.bolt_with("mock", mock.bolts()).inbox(1).shuffle(numbers);
            start(t);

            let fed = feeder.feed_all(0..4);
            advance(s(20)).await;

            let at: Vec<_> = fed.iter().map(|fed| fed.outcome().unwrap().at).collect();
            assert!(at[..3].iter().all(|at| *at > s(1) && *at <= ms(1127)), "{act:?}: {at:?}");
        });
    }
}
