//! Who waits for whom, and what went where.

use squall::prelude::*;
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{s, start};

use super::{assert_near, assert_sums, of};

#[test]
fn blocked_time_is_that_of_the_slow_target_and_of_no_other() {
    virtual_time(async || {
        let (feeder, quick, slow) = (Feeder::new(), Mock::<u64>::echo(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("who");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(1000).output();
        let both = t.bolt_with("both", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
        t.bolt_with("quick", quick.bolts()).inbox(8).shuffle(both);
        t.bolt_with("slow", slow.bolts()).inbox(8).fields(both, |n| n);
        let running = start(t);

        feeder.feed_all(0..1000);
        advance(s(50)).await;

        let both = of(&running, "both");
        let to: Vec<_> = both.streams[0].to.iter().map(|to| (&*to.component, to.grouping)).collect();
        assert_eq!(to, [("quick", "shuffle"), ("slow", "fields")]);
        let [quick, slow] = &both.streams[0].to[..] else { panic!("{both:?}") };
        assert!(slow.blocked_now && !quick.blocked_now, "{both:?}");
        assert_near(slow.blocked_seconds, both.blocked_seconds);
        assert_near(slow.blocked_seconds, 50.0);
        assert_near(quick.blocked_seconds, 0.0);

        running.kill();
        let report = running.wait().await.unwrap();
        let both = report.component("both").unwrap();
        assert!(!both.streams[0].to[1].blocked_now, "nobody waits any more");
        assert_near(both.streams[0].to[1].blocked_seconds, 50.0);
    });
}

#[derive(squall::Outputs)]
struct Sorted {
    even: Emit<u64>,
    odd: Emit<u64>,
    nobody: Emit<u64>,
}

/// Sorts numbers; nobody reads what it emits on a third stream.
struct Sort;

impl Bolt for Sort {
    type In = u64;
    type Out = Sorted;

    async fn execute(&mut self, number: u64, out: &mut Output<Sorted>) -> Result<()> {
        if number.is_multiple_of(2) {
            out.even.emit(number)
        } else {
            out.odd.emit(number)
        }
        if number < 10 {
            out.nobody.emit(number);
        }
        Ok(())
    }
}

#[test]
fn counts_by_stream_are_what_was_emitted_and_by_target_what_arrived() {
    virtual_time(async || {
        let (feeder, every, some) = (Feeder::new(), Mock::<u64>::echo(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("what");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let sorted = t.bolt("sort", || Sort).tasks(2).shuffle(numbers).output();
        t.bolt_with("every", every.bolts()).tasks(3).all(sorted.even).shuffle(sorted.odd);
        t.bolt_with("some", some.bolts()).tasks(2).fields(sorted.odd, |n| n);
        let running = start(t);

        feeder.feed_all(0..101);
        quiescent(&running).await;

        let sort = of(&running, "sort");
        let emitted: Vec<_> = sort.streams.iter().map(|stream| (stream.name, stream.emitted)).collect();
        assert_eq!(emitted, [("even", 51), ("odd", 50), ("nobody", 10)]);
        let sent = |stream: usize| {
            let to = sort.streams[stream].to.iter();
            to.map(|to| (&*to.component, to.grouping, to.transferred)).collect::<Vec<_>>()
        };
        assert_eq!(sent(0), [("every", "all", 3 * 51)]);
        assert_eq!(sent(1), [("every", "shuffle", 50), ("some", "fields", 50)]);
        assert_eq!(sent(2), []);
        assert_sums(&sort);
        for (component, arrived) in [("every", 3 * 51 + 50), ("some", 50)] {
            let taken = of(&running, component).inboxes.iter().map(|inbox| inbox.taken).sum::<u64>();
            assert_eq!(taken, arrived, "{component}");
        }
    });
}

#[test]
fn who_waits_for_a_component_that_is_rebalanced_is_told() {
    virtual_time(async || {
        let (feeder, slow) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("shut");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("slow", slow.bolts()).tasks(2).fields(numbers, |n| n);
        let running = Running::start_here(&t.build().unwrap(), &Options::default().rebalance_deadline(s(20)));
        feeder.feed_all(0..10);
        advance(s(1)).await;

        // Its tasks do not come to rest: the way into it is shut until the rebalance is rolled back.
        let changing = running.rebalance("slow", 3);
        let feeding = async {
            advance(s(1)).await;
            feeder.feed_all(10..20);
            advance(s(10)).await;
            of(&running, "numbers")
        };
        let (changed, numbers) = tokio::join!(changing, feeding);

        assert!(changed.is_err(), "{changed:?}");
        assert!(numbers.streams[0].to[0].blocked_now, "{numbers:?}");
        assert!(numbers.blocked_seconds > 9.0, "{numbers:?}");
    });
}
