//! Promise 7, as far as an await goes: what hangs for ever keeps no topology from its end.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::future::pending;

use squall::{TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Feeder, Mock, MockBolt, advance, quiescent, virtual_time};
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

/// Flushes each number, and then awaits for as many milliseconds as it says.
struct Flushing;

impl Bolt for Flushing {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, millis: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(millis);
        out.flush().await;
        tokio::time::sleep(ms(millis)).await;
        Ok(())
    }
}

#[test]
fn an_execute_that_waits_for_room_downstream_is_not_stuck_and_its_time_begins_behind_it() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("room");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(3600)).output();
        let flushed = t.bolt("flushes", || Flushing).stuck_after(s(1)).shuffle(numbers).output();
        t.bolt_with("mock", mock.bolts()).inbox(1).stuck_after(s(3600)).shuffle(flushed);
        let running = start(t);

        // The fourth finds no room: one is executed, one waits in the inbox, one before it.
        let fed = feeder.feed_all([0, 0, 0, 900, 1100]);
        advance(s(600)).await;
        assert_eq!(running.status().component("flushes").unwrap().stuck, 0);
        mock.release();
        quiescent(&running).await;

        assert!(fed[..4].iter().all(|fed| fed.is_acked()), "{fed:?}");
        assert_eq!(fed[4].reason(), Some(Reason::Timeout), "who awaits something else is stuck");
        assert_eq!(running.status().component("flushes").unwrap().stuck, 1);
    });
}
