//! However many claims a bolt takes on one root, the root has one outcome.

use squall::{Anchor, TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Held, ms, s, start};

/// Ties what it emits to the root in hand again and again.
struct TiesTwice;

impl Bolt for TiesTwice {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        let claims = [out.hold(), out.hold()];
        out.emit_anchored(n, &claims);
        claims.into_iter().for_each(Anchor::ack);
        Ok(())
    }
}

#[test]
fn a_tuple_tied_to_one_root_twice_acks_it_once() {
    virtual_time(async || {
        let (feeder, behind) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("twice");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let tied = t.bolt("ties", || TiesTwice).shuffle(numbers).output();
        t.bolt_with("behind", behind.bolts()).shuffle(tied);
        let running = start(t);

        assert!(feeder.feed(1).settled().await.failure.is_none());
        feeder.feed_all([2, 3, 4]);
        quiescent(&running).await;

        assert_eq!((behind.values(), feeder.tracker().acked_ids().len()), (vec![1, 2, 3, 4], 4));
        feeder.tracker().assert_one_outcome_each();
    });
}

/// Takes several claims on each root and gives them away.
struct Claims(Held, usize);

impl Bolt for Claims {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, out: &mut Output<()>) -> Result<()> {
        (0..self.1).for_each(|_| self.0.hold(out));
        Ok(())
    }
}

#[test]
fn the_last_of_several_claims_decides_and_one_failure_is_enough() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("claims");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let handle = held.clone();
        t.bolt("claims", move || Claims(handle.clone(), 3)).shuffle(numbers);
        let running = start(t);

        let acked = feeder.feed(1);
        advance(s(1)).await;
        let mut claims = held.take();
        let last = claims.pop().unwrap();
        claims.into_iter().for_each(Anchor::ack);
        advance(s(1)).await;
        assert_eq!((acked.outcome(), running.status().roots.pending), (None, 1), "one claim is left");
        last.ack();
        assert!(acked.settled().await.failure.is_none());

        let failed = feeder.feed(2);
        advance(ms(10)).await;
        held.take().into_iter().for_each(|claim| claim.fail(Reason::Explicit));
        assert_eq!(failed.settled().await.reason(), Some(Reason::Explicit));
        feeder.tracker().assert_one_outcome_each();
    });
}
