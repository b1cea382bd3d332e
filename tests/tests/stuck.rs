//! Promise 7, as far as an await goes: what hangs for ever keeps no topology from its end.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::future::pending;

use squall::{TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Feeder, Mock, MockBolt, advance, virtual_time};
use squall_tests::{ms, s, start};

#[test]
fn a_set_up_that_hangs_is_dropped_by_a_kill_and_at_the_deadline_of_a_drain() {
    for (command, ends) in
        [(Running::kill as fn(&Running), ms(10)), (|running| running.drain(s(3)), ms(3010))]
    {
        virtual_time(async || {
            let feeder = Feeder::new();
            let mut t = TopologyBuilder::new("set-up");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let hangs = async |_: &TaskContext| pending::<Result<MockBolt<u64>>>().await;
            t.bolt_with("hangs", hangs).shuffle(numbers);
            let running = start(t);

            let fed = feeder.feed(1);
            advance(ms(10)).await;
            command(&running);
            let report = running.wait().await.unwrap();

            assert_eq!((report.duration, report.status.state), (ends, TopologyState::Ended));
            assert_eq!(fed.reason(), Some(Reason::Shutdown));
        });
    }
}

/// Emits one number; the hook that is named hangs.
struct Hanging {
    has_emitted: bool,
    hook: &'static str,
}

impl Hanging {
    async fn call(&self, hook: &str) {
        if self.hook == hook {
            pending::<()>().await;
        }
    }
}

impl Spout for Hanging {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.has_emitted {
            return Ok(Next::End);
        }
        self.has_emitted = true;
        out.track(1).emit(1);
        self.call("next").await;
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, _: u64) {
        self.call("ack").await;
    }

    async fn close(&mut self) {
        self.call("close").await;
    }
}

#[test]
fn a_spout_that_hangs_in_its_last_calls_is_dropped_after_a_grace() {
    for hook in ["ack", "close"] {
        virtual_time(async || {
            let mut t = TopologyBuilder::new("spout");
            let numbers = t.spout("hangs", move || Hanging { has_emitted: false, hook }).output();
            t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);
            let running = start(t);

            advance(ms(10)).await;
            running.drain(s(3));
            let report = running.wait().await.unwrap();

            assert_eq!(report.duration, ms(8010), "{hook}: three seconds to drain, five of grace");
            assert_eq!(report.roots().pending, 0);
        });
    }
}

/// Says its last words for ever.
struct Talker;

impl Bolt for Talker {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        pending().await
    }
}

#[test]
fn last_words_that_hang_end_at_the_deadline() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("talker");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("talker", || Talker).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed(1);
        advance(ms(10)).await;
        running.drain(s(3));
        let report = running.wait().await.unwrap();

        assert!(fed.is_acked());
        assert_eq!(report.duration, ms(3010));
    });
}
