//! The spouts and bolts of a case: they do as the case says and note what they did.

use std::{sync::Arc, time::Duration};

use squall::{Anchor, prelude::*};
use tokio::{task::spawn_local, time::sleep};

use crate::{
    case::{Case, MESSAGE_TIMEOUT, Parking, SetUp, TOO_LONG},
    fault::{Fault, RootId, Token},
    ledger::Ledger,
};

/// What every part knows.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) case: Arc<Case>,
    pub(crate) ledger: Arc<Ledger>,
}

impl World {
    /// The first set-up of a task may go wrong.
    pub(crate) fn set_up(&self, component: usize, set_up: SetUp, cx: &TaskContext) -> Result<()> {
        if set_up == SetUp::Works || !self.ledger.is_first_set_up(component, cx.task) {
            return Ok(());
        }
        assert!(set_up == SetUp::FailsOnce, "the set-up panics once");
        Err(Error::retryable("the set-up fails once"))
    }
}

pub(crate) struct RandomSpout {
    pub(crate) world: World,
    pub(crate) spout: usize,
}

impl RandomSpout {
    /// Emits the next root, if there is one.
    fn emit(&self, out: &mut SpoutOutput<Emit<Token>, RootId>) -> Option<RootId> {
        let Self { world, spout } = self;
        let (number, delivery) = world.ledger.with(|books| books.todo[*spout].pop_front())?;
        let root = RootId { spout: *spout, number, attempt: delivery.attempt };
        world.ledger.with(|books| books.emitted.insert(root, tokio::time::Instant::now()));
        let tokens = out.redeliver(root, delivery);
        (0..world.case.spouts[*spout].fanout).for_each(|nth| tokens.emit(root.seed().child(*spout, nth)));
        Some(root)
    }
}

impl Spout for RandomSpout {
    type Id = RootId;
    type Out = Emit<Token>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Token>, RootId>) -> Result<Next> {
        let case = &self.world.case.spouts[self.spout];
        let turn = self.world.ledger.with(|books| {
            books.turns += 1;
            books.turns
        });
        if case.idles && turn.is_multiple_of(3) {
            return Ok(Next::Idle);
        }
        if case.waits && turn % 4 == 1 {
            sleep(Duration::from_millis(1)).await;
        }
        for nth in 0..case.batch {
            let Some(root) = self.emit(out) else {
                return Ok(if nth == 0 { Next::End } else { Next::Emitted });
            };
            match self.world.case.fault_of_next(root) {
                Some(Fault::Panics) => panic!("next panics"),
                Some(_) => return Err(Error::retryable("next fails")),
                None => {}
            }
        }
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, root: RootId) {
        self.world.ledger.outcome(root, None);
    }

    async fn failed(&mut self, root: RootId, failure: Failure) {
        assert_eq!(failure.delivery.attempt, root.attempt);
        self.world.ledger.outcome(root, Some(failure.clone()));
        // Late outcomes of a root that has timed out arrive while its slot is used by another.
        for (nth, kept) in self.world.ledger.take_kept(root).into_iter().enumerate() {
            later(nth as u64 % 3, kept, if nth % 2 == 0 { Anchor::ack } else { drop });
        }
        if self.world.case.spouts[self.spout].replays {
            let replay = (root.number, failure.delivery.after(failure.reason));
            self.world.ledger.with(|books| books.todo[self.spout].push_back(replay));
        }
    }
}

pub(crate) struct RandomBolt {
    pub(crate) world: World,
    pub(crate) bolt: usize,
    pub(crate) task: usize,
    pub(crate) parked: Vec<(Token, Anchor)>,
}

impl RandomBolt {
    fn parking(&self) -> Parking {
        self.world.case.bolts[self.bolt].parking
    }

    /// Everything of an execute that awaits nothing. Returns what is left to be done.
    fn begin(&self, token: &Token, out: &mut Output<Emit<Token>>) -> Option<Fault> {
        let Self { world, bolt, .. } = self;
        world.ledger.begins(*bolt, token);
        let attempt = out.delivery().attempt;
        // A tuple of several roots tells the most attempts.
        let travels = attempt == token.root.attempt || (world.case.ties() && attempt > token.root.attempt);
        assert!(travels, "the attempt travels with the tuple: {attempt}, {token:?}");
        if self.parking() == Parking::None {
            self.children(token).for_each(|child| out.emit(child));
        }
        world.case.fault(*bolt, token)
    }

    fn children(&self, token: &Token) -> impl Iterator<Item = Token> {
        let component = self.world.case.number(self.bolt);
        (0..self.world.case.bolts[self.bolt].fanout).map(move |nth| token.child(component, nth))
    }

    /// Awaits what the fault wants it to.
    async fn wait(&self, root: RootId, fault: Option<Fault>, out: &Output<Emit<Token>>) {
        match fault {
            Some(Fault::Stalls(millis)) => sleep(Duration::from_millis(millis)).await,
            Some(Fault::PanicsLate) => sleep(Duration::from_millis(1)).await,
            Some(Fault::Hangs) => {
                self.world.ledger.hangs(root);
                std::future::pending().await
            }
            Some(Fault::TakesTooLong) => {
                self.world.ledger.takes_too_long();
                sleep(TOO_LONG).await;
            }
            Some(Fault::PutsItOff) => {
                self.world.ledger.takes_too_long();
                for _ in 0..3 {
                    out.reset_timeout();
                    self.world.ledger.puts_off(root);
                    sleep(MESSAGE_TIMEOUT * 2 / 3).await;
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, token: Token, fault: Option<Fault>, out: &mut Output<Emit<Token>>) -> Result<()> {
        if self.parking() != Parking::None && !fault.is_some_and(Fault::spoils_the_execute) {
            self.parked.push((token.clone(), out.hold()));
        }
        let (root, ledger) = (token.root, &self.world.ledger);
        match fault {
            Some(Fault::Panics | Fault::PanicsLate) => panic!("execute panics"),
            Some(Fault::DropsItsAnchor) => drop(out.hold()),
            Some(Fault::DropsItsAnchorLate(millis)) => later(millis, out.hold(), drop),
            Some(Fault::AcksLate(millis)) => later(millis, out.hold(), Anchor::ack),
            Some(Fault::KeepsItsAnchor) => {
                let kept = out.hold();
                ledger.with(|books| books.kept.push((root, kept)));
            }
            _ => {}
        }
        ledger.answers(self.bolt);
        match fault {
            Some(Fault::Refuses) => Err(Error::retryable("execute fails")),
            Some(Fault::RefusesForGood) => Err(Error::permanent("execute fails for good")),
            _ => Ok(()),
        }
    }

    fn beat(&mut self, out: &mut Output<Emit<Token>>) -> Result<()> {
        assert!(!self.world.ledger.is_early_tick(self.bolt, self.task), "an early tick panics");
        self.leave(out);
        Ok(())
    }

    /// Emits for everything that is parked.
    fn leave(&mut self, out: &mut Output<Emit<Token>>) {
        let parked = std::mem::take(&mut self.parked);
        let together = if self.parking() == Parking::InPairs { 2 } else { 1 };
        for group in parked.chunks(together) {
            for (token, _) in group {
                let anchors = || group.iter().map(|(_, anchor)| anchor);
                self.children(token).for_each(|child| out.emit_anchored(child, anchors()));
            }
            if let [(one, _), (other, _)] = group {
                self.world.ledger.with(|books| books.tied.push((one.root, other.root)));
            }
        }
        parked.into_iter().for_each(|(_, anchor)| anchor.ack());
    }
}

/// Does something to an anchor after the execute that held it.
fn later(millis: u64, held: Anchor, what: fn(Anchor)) {
    spawn_local(async move {
        sleep(Duration::from_millis(millis)).await;
        what(held);
    });
}

impl Bolt for RandomBolt {
    type In = Token;
    type Out = Emit<Token>;

    async fn execute(&mut self, token: Token, out: &mut Output<Emit<Token>>) -> Result<()> {
        let is_keyed = self.world.case.is_keyed(self.bolt);
        let _key = is_keyed.then(|| self.world.ledger.takes(self.bolt, token.root.number, self.task));
        let fault = self.begin(&token, out);
        if self.world.case.bolts[self.bolt].flushes {
            out.flush().await;
        }
        self.wait(token.root, fault, out).await;
        self.end(token, fault, out)
    }

    async fn tick(&mut self, out: &mut Output<Emit<Token>>) -> Result<()> {
        self.beat(out)
    }

    async fn drain(&mut self, out: &mut Output<Emit<Token>>) -> Result<()> {
        self.leave(out);
        Ok(())
    }
}

/// The same, run as a sync bolt.
pub(crate) struct RandomSyncBolt(pub(crate) RandomBolt);

impl SyncBolt for RandomSyncBolt {
    type In = Token;
    type Out = Emit<Token>;

    fn execute(&mut self, token: Token, out: &mut Output<Emit<Token>>) -> Result<()> {
        let fault = self.0.begin(&token, out);
        if self.0.world.case.bolts[self.0.bolt].flushes {
            out.flush_blocking();
        }
        self.0.end(token, fault, out)
    }

    fn tick(&mut self, out: &mut Output<Emit<Token>>) -> Result<()> {
        self.0.beat(out)
    }

    fn drain(&mut self, out: &mut Output<Emit<Token>>) -> Result<()> {
        self.0.leave(out);
        Ok(())
    }
}
