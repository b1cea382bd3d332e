//! Replays in the midst of panics, of the spout's and of its tuples'.

use serde::{Deserialize, Serialize};
use squall::{Reason, RetryPolicy, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Call, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, budget, ms, s, start};

use crate::{policy, replayed_from};

#[test]
fn roots_that_wait_outlive_a_panic_of_their_spout() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 5 { Act::Panic } else { Act::Pass });
        let act = |call: &Call<u64>| if call.delivery.attempt == 1 { Act::Fail } else { Act::Pass };
        let r = replayed_from(feeder, 3, Mock::acting(act), Mock::echo());
        r.feeder.feed_all(0..4);
        advance(ms(100)).await;
        assert_eq!(r.running.status().component("numbers").unwrap().waiting, 4);

        r.feeder.feed(4); // panics
        r.feeder.feed(5);
        advance(ms(100)).await;
        let status = r.running.status();
        assert_counts(&status);
        assert_eq!(status.component("numbers").unwrap().restarts, 1);
        assert_eq!(status.component("numbers").unwrap().waiting, 5);
        quiescent(&r.running).await;

        let mut acked = r.feeder.tracker().acked_ids();
        acked.sort_unstable();
        assert_eq!(acked, [0, 1, 2, 3, 5]);
        assert_eq!(r.feeder.tracker().failed_ids(), [(4, Reason::Panic)], "it never was complete");
        r.feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_root_that_next_failed_to_complete_fails_and_is_not_replayed() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 1 { Act::Fail } else { Act::Pass });
        let r = replayed_from(feeder, 3, Mock::echo(), Mock::echo());
        let (first, second) = (r.feeder.feed(1), r.feeder.feed(2));
        quiescent(&r.running).await;

        assert_eq!(first.reason(), Some(Reason::Explicit));
        assert!(second.is_acked());
        assert_eq!((r.work.values(), r.grave.count()), (vec![2], 0));
    });
}

/// A number whose `Clone` panics while its countdown is at zero.
#[derive(Debug, Serialize, Deserialize)]
struct Shy {
    n: u64,
    copies: u64,
}

impl Clone for Shy {
    fn clone(&self) -> Self {
        assert!(self.copies > 0, "no copy of {}", self.n);
        Self { n: self.n, copies: self.copies - 1 }
    }
}

/// Emits shy numbers and notes what becomes of them.
struct Shies(Vec<Shy>, std::sync::mpsc::Sender<(u64, Option<Reason>)>);

impl Spout for Shies {
    type Id = u64;
    type Out = Emit<Shy>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Shy>, u64>) -> Result<Next> {
        let Some(shy) = self.0.pop() else { return Ok(Next::End) };
        out.track(shy.n).emit(shy);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, n: u64) {
        self.1.send((n, None)).unwrap();
    }

    async fn fail(&mut self, n: u64, why: Reason) {
        self.1.send((n, Some(why))).unwrap();
    }
}

/// Refuses each number once.
struct Once;

impl Bolt for Once {
    type In = Shy;
    type Out = ();

    async fn execute(&mut self, _: Shy, out: &mut Output<()>) -> Result<()> {
        if out.delivery().attempt == 1 { Err(Error::retryable("not at once")) } else { Ok(()) }
    }
}

#[test]
fn a_tuple_whose_clone_panics_fails_its_root_and_the_spout_goes_on() {
    virtual_time(async || {
        let (to, outcomes) = std::sync::mpsc::channel();
        let mut t = TopologyBuilder::new("shy");
        // The number says how often it can be copied: one to keep, one for each further attempt.
        let shies = move || Shies((0..4).map(|n| Shy { n, copies: n }).collect(), to.clone());
        let (numbers, _dead) = t.spout("shies", shies).replay(policy(3)).output();
        t.bolt("once", || Once).shuffle(numbers);
        let running = start(t);
        let report = running.wait().await.unwrap();

        let mut outcomes: Vec<_> = outcomes.try_iter().collect();
        outcomes.sort_unstable();
        let expected = [(0, Some(Reason::Explicit)), (1, Some(Reason::Panic)), (2, None), (3, None)];
        assert_eq!(outcomes, expected);
        assert_eq!(report.component("shies").unwrap().restarts, 0);
        assert!(report.component("shies").unwrap().errors[0].message.contains("no copy of"));
    });
}

#[test]
fn on_threads_with_panics_and_errors_every_root_is_acked_or_buried() {
    let feeder = Feeder::of(0..3_000).acting(|nth| if nth == 1_500 { Act::Panic } else { Act::Pass });
    let act = |call: &Call<u64>| match call.value % 100 {
        13 => Act::Refuse,
        n if n % 7 == 0 && call.delivery.attempt == 1 => Act::Fail,
        n if n % 11 == 0 && call.delivery.attempt < 3 => Act::Panic,
        _ => Act::Pass,
    };
    let (work, grave) = (Mock::acting(act), Mock::<squall::Dead<u64>>::echo());
    let mut t = TopologyBuilder::new("threads");
    let policy = RetryPolicy { attempts: 5, backoff: ms(1), max_backoff: ms(4) };
    let (numbers, dead) =
        t.spout("numbers", feeder.spouts()).tasks(2).message_timeout(s(600)).replay(policy).output();
    t.bolt_with("work", work.bolts()).tasks(2).restart(budget(u32::MAX)).shuffle(numbers);
    t.bolt_with("grave", grave.bolts()).shuffle(dead);

    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();
    let report = running.wait_blocking().unwrap();

    assert_eq!((report.roots().acked, report.roots().failed), (2_999, 1), "{:?}", report.roots());
    assert!(grave.values().iter().all(|dead| dead.tuples[0] % 100 == 13));
    assert!((29..=30).contains(&grave.count()), "the one that its spout failed may be among them");
    feeder.tracker().assert_one_outcome_each();
}
