use squall_testkit::{Capture, Feeder, virtual_time};
use squall_tests::{ms, start};

use super::*;

#[derive(Outputs)]
struct Sorted {
    even: Emit<u64>,
    odd: Emit<u64>,
}

/// Refuses every seventh number when it has emitted it already, and tells the delivery.
struct Sort;

impl ConcurrentBolt for Sort {
    type In = u64;
    type Out = Sorted;

    async fn execute(&self, value: u64, out: &mut Output<Sorted>) -> Result<()> {
        assert_eq!(out.delivery().attempt, 1);
        if value.is_multiple_of(2) {
            out.even.emit(value)
        } else {
            out.odd.emit(value)
        }
        // What was emitted stays here until the answer.
        out.flush().await;
        sleep(ms(value % 5)).await;
        if value.is_multiple_of(7) { Err(Error::permanent("seven")) } else { Ok(()) }
    }
}

#[test]
fn each_call_emits_into_its_streams_what_it_answers_for() {
    virtual_time(async || {
        let feeder = Feeder::of(0..100);
        let mut t = TopologyBuilder::new("sort");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let sorted = t.concurrent_bolt("sort", || Sort).concurrency(9).shuffle(numbers).output();
        let (even, odd) = (Capture::of(&mut t, sorted.even), Capture::of(&mut t, sorted.odd));
        let report = start(t).wait().await.unwrap();

        let expected = |rest| (0..100).filter(|n| n % 2 == rest && n % 7 != 0).collect::<Vec<u64>>();
        assert_eq!((even.sorted(), odd.sorted()), (expected(0), expected(1)));
        assert_eq!((report.roots().acked, report.roots().failed), (85, 15));
        feeder.tracker().assert_one_outcome_each();
    });
}

/// Holds the first of two numbers, and emits their sum in the call of the second.
#[derive(Default)]
struct Pairs(std::cell::RefCell<Vec<(u64, squall::Anchor)>>);

impl ConcurrentBolt for Pairs {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, value: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        sleep(ms(1)).await;
        let anchor = out.hold();
        let Some((other, held)) = self.0.borrow_mut().pop() else {
            self.0.borrow_mut().push((value, anchor));
            return Ok(());
        };
        out.emit_anchored(value + other, [&held, &anchor]);
        held.ack();
        anchor.ack();
        // The sum is given up with its call, and with it both numbers.
        if value + other == 9 { Err(Error::permanent("nine")) } else { Ok(()) }
    }
}

#[test]
fn a_call_may_hold_its_tuple_and_emit_for_several() {
    virtual_time(async || {
        let feeder = Feeder::of([1, 2, 4, 5, 6, 7]);
        let mut t = TopologyBuilder::new("pairs");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let sums = t.concurrent_bolt("pairs", Pairs::default).concurrency(6).shuffle(numbers).output();
        let capture = Capture::of(&mut t, sums);
        start(t).wait().await.unwrap();

        assert_eq!(capture.sorted(), [3, 13]);
        let mut failed = feeder.tracker().failed_ids();
        failed.sort_unstable();
        assert_eq!(failed, [(2, Reason::Explicit), (3, Reason::Explicit)]);
        feeder.tracker().assert_one_outcome_each();
    });
}
