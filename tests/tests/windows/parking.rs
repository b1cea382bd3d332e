//! Parking: a tuple waits in a bolt until something else comes, and is let go then.

use std::collections::HashMap;

use squall::{Anchor, TopologyBuilder, prelude::*};
use squall_testkit::{Capture, Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

#[derive(Input)]
enum HarbourIn {
    Ship(u64),
    Pilot(String),
}

/// Ships wait for a pilot. Both go on together: what becomes of the pair becomes of ship and pilot.
#[derive(Default)]
struct Harbour {
    parked: HashMap<u64, (u64, Anchor)>,
    next: u64,
}

impl Bolt for Harbour {
    type In = HarbourIn;
    type Out = Emit<(u64, String)>;

    async fn execute(&mut self, input: HarbourIn, out: &mut Output<Emit<(u64, String)>>) -> Result<()> {
        match input {
            HarbourIn::Ship(ship) => {
                self.next += 1;
                self.parked.insert(self.next, (ship, out.hold()));
            }
            HarbourIn::Pilot(name) => {
                let Some(first) = self.parked.keys().min().copied() else {
                    return Err(Error::retryable("no ship waits"));
                };
                let Some((ship, anchor)) = self.parked.remove(&first) else { return Ok(()) };
                let pilot = out.hold();
                out.emit_anchored((ship, name), [&anchor, &pilot]);
                anchor.ack();
                pilot.ack();
            }
        }
        Ok(())
    }
}

#[test]
fn what_is_parked_goes_on_with_what_it_waited_for_and_shares_its_fate() {
    virtual_time(async || {
        let (ships, pilots) = (Feeder::new(), Feeder::new());
        let mut t = TopologyBuilder::new("harbour");
        let a = t.spout("ships", ships.spouts()).message_timeout(s(10)).output();
        let b = t.spout("pilots", pilots.spouts()).output();
        let pairs = t.bolt("harbour", Harbour::default).global(a).global(b).output();
        let refuse = squall_testkit::Mock::<(u64, String)>::acting(|call| {
            if call.value.1 == "drunk" { squall_testkit::Act::Fail } else { squall_testkit::Act::Pass }
        });
        let passed = t.bolt_with("gate", refuse.bolts()).global(pairs).output();
        let passed = Capture::of(&mut t, passed);
        start(t);

        let parked = ships.feed_all([1, 2, 3]);
        advance(ms(100)).await;
        assert!(parked.iter().all(|ship| ship.outcome().is_none()));
        let (able, drunk) = (pilots.feed("able".to_owned()), pilots.feed("drunk".to_owned()));
        advance(ms(100)).await;

        assert_eq!(passed.tuples(), [(1, "able".to_owned())]);
        assert!(parked[0].is_acked() && able.is_acked());
        assert_eq!((parked[1].reason(), drunk.reason()), (Some(Reason::Explicit), Some(Reason::Explicit)));
        assert_eq!(parked[2].outcome(), None);
        advance(s(12)).await;
        assert_eq!(parked[2].reason(), Some(Reason::Timeout), "nobody parks for ever");
    });
}
