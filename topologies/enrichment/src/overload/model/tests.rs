use fastrand::Rng;

use super::*;
use crate::overload::capacity::CapacityFrom;

/// What can do `per_s` records a second, and is looked at once a second.
struct Queue {
    model: Model,
    start: Instant,
    second: u64,
    arrived: u64,
    done: u64,
}

impl Queue {
    fn new(limit: Option<f64>) -> Self {
        let queue = Self { model: Model::new(limit), start: Instant::now(), second: 0, arrived: 0, done: 0 };
        queue.looked(None)
    }

    fn looked(mut self, age: Option<Duration>) -> Self {
        self.model.look(Look {
            at: self.start + Duration::from_secs(self.second),
            at_ms: self.second * 1_000,
            records: self.arrived - self.done,
            parked: 0,
            age,
            arrived: Some(self.arrived),
            done: self.done,
            estimate: 60_000.0,
        });
        self
    }

    /// So many arrive in each of so many seconds, and up to so many are done.
    fn run(mut self, seconds: u64, arrive: u64, can: u64) -> Self {
        for _ in 0..seconds {
            self.second += 1;
            self.arrived += arrive;
            self.done += can.min(self.arrived - self.done);
            self = self.looked(None);
        }
        self
    }

    fn standing(&self) -> Standing {
        self.model.standing().unwrap()
    }
}

#[test]
fn a_spike_is_drained_when_it_was_said_to_be() {
    let queue = Queue::new(Some(20_000.0)).run(60, 6_000, 20_000);
    let calm = queue.standing();
    assert_eq!((calm.records, calm.drain_s, calm.age), (0, Some(0.0), Duration::ZERO));
    assert_eq!(calm.spare_per_s.round(), 14_000.0);

    let spike = queue.run(60, 50_000, 20_000);
    let during = spike.standing();
    assert_eq!((during.records, during.drain_s), (1_800_000, None), "it grows");
    assert!(during.spare_per_s < -29_000.0);
    // The oldest of 1.8 million: of 3 million that came in a minute, 1.2 are done.
    assert_eq!(during.age, Duration::from_secs(36));

    let mut after = spike.run(30, 6_000, 20_000);
    let predicted = after.standing().drain_s.unwrap();
    let from = after.second;
    while after.standing().records > 0 {
        after = after.run(1, 6_000, 20_000);
    }
    let took = (after.second - from) as f64;
    assert!((predicted - took).abs() < 0.25 * took, "{predicted} was said and {took} it was");
}

#[test]
fn without_a_limit_the_capacity_is_estimated_then_measured_while_there_is_a_backlog() {
    let queue = Queue::new(None).run(10, 1_000, 8_000);
    assert_eq!(queue.standing().capacity, Capacity { per_s: 60_000.0, from: CapacityFrom::Estimated });

    let queue = queue.run(20, 30_000, 8_000);
    let capacity = queue.standing().capacity;
    assert_eq!((capacity.per_s.round(), capacity.from), (8_000.0, CapacityFrom::Measured));

    let queue = queue.run(120, 1_000, 8_000);
    assert_eq!(queue.standing().records, 0);
    assert_eq!(queue.standing().capacity.per_s.round(), 8_000.0, "it is remembered");
}

#[test]
fn what_waits_for_answers_does_not_wait_because_there_is_too_much_to_do() {
    let (mut model, start) = (Model::new(None), Instant::now());

    for second in 0..30 {
        model.look(Look {
            at: start + Duration::from_secs(second),
            at_ms: second * 1_000,
            records: 20_000,
            parked: 20_000,
            age: None,
            arrived: None,
            done: 10_000 * second,
            estimate: 60_000.0,
        });
    }

    let standing = model.standing().unwrap();
    assert_eq!(standing.capacity.from, CapacityFrom::Estimated);
    assert_eq!((standing.in_per_s.round(), standing.out_per_s.round()), (10_000.0, 10_000.0));
    assert_eq!(standing.age, Duration::from_secs(2));
}

#[test]
fn an_enricher_that_gives_no_answers_is_no_capacity() {
    let (mut model, start) = (Model::new(Some(20_000.0)), Instant::now());

    for second in 0..60 {
        // After ten seconds nothing is answered any more.
        let (arrived, done) = (1_000 * second, 1_000 * second.min(10));
        model.look(Look {
            at: start + Duration::from_secs(second),
            at_ms: second * 1_000,
            records: arrived - done,
            parked: arrived - done,
            age: None,
            arrived: Some(arrived),
            done,
            estimate: 60_000.0,
        });
    }

    let standing = model.standing().unwrap();
    assert_eq!((standing.capacity.from, standing.drain_s), (CapacityFrom::Measured, None), "{standing:?}");
    assert!(standing.capacity.per_s < 100.0 && standing.age >= Duration::from_secs(45), "{standing:?}");
}

#[test]
fn what_a_source_says_of_the_age_counts() {
    let queue = Queue::new(None).run(5, 1_000, 500).looked(Some(Duration::from_secs(77)));

    assert_eq!(queue.standing().age, Duration::from_secs(77));
}

#[test]
fn the_more_there_is_to_do_the_later_it_is_done_and_no_number_is_wrong_in_itself() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);

    for _ in 0..10_000 {
        let spare = [rng.f64() * 1e6 - 5e5, 0.0, -0.0, f64::MIN_POSITIVE, 1e300][rng.usize(..5)];
        let fewer = rng.u64(..) >> rng.u32(..64);
        let more = fewer.saturating_add(rng.u64(..) >> rng.u32(..64));
        let (sooner, later) = (drain(fewer, spare), drain(more, spare));
        let order = |seconds: Option<f64>| seconds.unwrap_or(f64::INFINITY);
        assert!(order(sooner) <= order(later), "{fewer} and {more} with {spare}: {sooner:?}, {later:?}");
        for seconds in [sooner, later].into_iter().flatten() {
            assert!(seconds.is_finite() && seconds >= 0.0, "{fewer} and {more} with {spare}: {seconds}");
        }
    }
}

#[test]
fn whatever_is_counted_no_number_is_negative_or_none() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);

    for _ in 0..200 {
        let limit = rng.bool().then(|| rng.f64() * 1e5);
        let (mut model, mut at) = (Model::new(limit), Instant::now());
        for _ in 0..100 {
            at += Duration::from_millis(rng.u64(..3) * rng.u64(..2_000));
            let mut any = |most: u32| rng.u64(..) >> rng.u32(most..64);
            // Counters that begin anew and backlogs that come and go: a partition that moves does that.
            let (records, parked, done, arrived) = (any(0), any(0), any(0), any(0));
            model.look(Look {
                at,
                at_ms: 0,
                records,
                parked,
                age: rng.bool().then(|| Duration::from_secs(rng.u64(..1_000_000))),
                arrived: rng.bool().then_some(arrived),
                done,
                estimate: rng.f64() * 1e6,
            });
            let standing = model.standing().unwrap();
            let capacity = standing.capacity.per_s;
            for number in [standing.in_per_s, standing.out_per_s, capacity, standing.drain_s.unwrap_or(0.0)] {
                assert!(number.is_finite() && number >= 0.0, "{standing:?}");
            }
            assert!(standing.spare_per_s.is_finite());
        }
    }
}
