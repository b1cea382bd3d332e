//! [`Replay`]: the engine emits the tuples of a failed root again, and gives up on them with a
//! [`Dead`] letter.
//!
//! A root keeps its slot and stays pending from its first attempt to its one outcome. In between it is in
//! flight, or it waits for its back-off; then no timeout runs, and what is told of attempts that are over is
//! ignored.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
    sync::Arc,
    time::Instant,
};

use crate::{
    Dead, Delivery, Emit, Failure, Outputs, Reason, RetryPolicy, SpoutOutput, Stream, Tuple,
    anchor::{Anchor, Outcomes, Root},
    batch::BATCH,
    home::SlotKey,
    keeper::Keeper,
    probe::Probe,
    slots::Outcome,
    stream::ComponentRef,
};

/// A policy by which the engine can emit the tuples of a spout with these outputs again: a [`RetryPolicy`] for
/// `Emit<T>`.
#[diagnostic::on_unimplemented(
    message = "the engine cannot replay a spout that emits `{Out}`",
    label = "this is for spouts with one stream",
    note = "let the spout emit one enum as `type Out = Emit<T>` and have a bolt sort it into streams; or replay in `Spout::fail`"
)]
pub trait Replays<Out>: Into<RetryPolicy> {
    /// The handle of the stream of dead letters.
    type Dead: Copy;

    #[doc(hidden)]
    fn names_with_dead() -> &'static [&'static str];

    #[doc(hidden)]
    fn dead(component: ComponentRef) -> Self::Dead;
}

impl<T: Tuple> Replays<Emit<T>> for RetryPolicy {
    type Dead = Stream<Dead<T>>;

    fn names_with_dead() -> &'static [&'static str] {
        &["default", "dead"]
    }

    fn dead(component: ComponentRef) -> Stream<Dead<T>> {
        Stream::new(component, 1, "dead")
    }
}

/// How the engine replays the roots of a spout.
#[derive(Clone, Debug)]
pub struct Replaying {
    /// How often and how soon.
    pub policy: RetryPolicy,
    /// The components on the ways from the spout to each component, both included.
    pub paths: Arc<BTreeMap<String, Vec<String>>>,
}

/// The roots of one spout task that had a failed attempt, and the tuples of all its pending ones.
pub(crate) struct Replay<O> {
    keeper: Box<dyn Keeper<O>>,
    how: Replaying,
    /// The spout's name.
    spout: Arc<str>,
    probe: Probe,
    failed: HashMap<u32, Failed>,
    waiting: BinaryHeap<Reverse<(Instant, u32)>>,
}

/// A root that had a failed attempt.
struct Failed {
    /// What the next attempt tells of itself.
    next: Delivery,
    /// The last one; of a dead letter, the one for which it was written.
    failure: Failure,
    is_dead: bool,
}

impl<O> Replay<O> {
    pub(crate) fn new(keeper: Box<dyn Keeper<O>>, how: Replaying, spout: Arc<str>, probe: Probe) -> Self {
        Self { keeper, how, spout, probe, failed: HashMap::new(), waiting: BinaryHeap::new() }
    }

    /// Keeps what was emitted for a root that is complete now.
    pub(crate) fn keep(&mut self, slot: u32, streams: &O) {
        if let Err(panicked) = self.keeper.keep(slot, streams) {
            self.probe.report(&format!("the `Clone` of a tuple {panicked}: its root cannot be replayed"));
        }
    }

    /// The root is acked.
    pub(crate) fn forget(&mut self, slot: u32) {
        self.keeper.forget(slot);
        self.failed.remove(&slot);
    }

    /// Decides what becomes of a root whose attempt has failed. Gives the failure back if it is final.
    pub(crate) fn judge(&mut self, slot: u32, failure: Failure, now: Instant) -> Result<(), Failure> {
        if !self.keeper.has(slot) {
            // `next` failed before the root was complete.
            return Err(failure);
        }
        let next = failure.delivery.after(failure.reason);
        let attempts = failure.delivery.attempt;
        if let Some(failed) = self.failed.get_mut(&slot).filter(|failed| failed.is_dead) {
            failed.next = next;
            let for_ever = RetryPolicy { attempts: u32::MAX, ..self.how.policy };
            let pause = for_ever.delay(attempts).unwrap_or(for_ever.max_backoff);
            self.wait(slot, now + pause);
            return Ok(());
        }
        let pause = if failure.permanent { None } else { self.how.policy.delay(attempts) };
        match pause {
            Some(pause) => {
                self.failed.insert(slot, Failed { next, failure, is_dead: false });
                self.wait(slot, now + pause);
            }
            None if self.keeper.has_readers() => {
                self.keeper.bury(slot, &failure, self.path_of(&failure));
                self.probe.counters.add_dead_letter();
                let next = Delivery::first();
                self.failed.insert(slot, Failed { next, failure, is_dead: true });
                self.wait(slot, now);
            }
            None => {
                self.forget(slot);
                return Err(failure);
            }
        }
        Ok(())
    }

    /// As [`judge`](Self::judge) where nothing is emitted any more: every failure is final. That of a dead
    /// letter is the one that it was written for.
    pub(crate) fn give_up(&mut self, slot: u32, failure: Failure) -> Failure {
        self.keeper.forget(slot);
        match self.failed.remove(&slot) {
            Some(failed) if failed.is_dead => failed.failure,
            _ => failure,
        }
    }

    /// Gives up on the next root that waits, with the failure for which it does.
    pub(crate) fn give_up_waiting(&mut self) -> Option<(u32, Failure)> {
        while let Some((_, slot)) = self.pop_waiting() {
            self.keeper.forget(slot);
            if let Some(failed) = self.failed.remove(&slot) {
                return Some((slot, failed.failure));
            }
        }
        None
    }

    /// When the next root is to be emitted again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes a root whose time has come, and tells what its attempt tells of itself.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<(u32, Delivery)> {
        if self.next_due()? > now {
            return None;
        }
        let (_, slot) = self.pop_waiting()?;
        Some((slot, self.failed.get(&slot)?.next))
    }

    /// Emits the root again.
    pub(crate) fn emit(&mut self, slot: u32, anchor: Anchor, streams: &mut O, outcomes: &mut Outcomes) {
        if !self.failed.get(&slot).is_some_and(|failed| failed.is_dead) {
            self.probe.counters.add_replay();
        }
        if let Err((panicked, anchor)) = self.keeper.emit(slot, anchor, streams, outcomes) {
            let verdict = self.probe.verdict(Reason::Panic, &format!("the `Clone` of a tuple {panicked}"));
            // It cannot be emitted: the failure that follows is final.
            self.forget(slot);
            anchor.fail_for(verdict);
        }
    }

    fn pop_waiting(&mut self) -> Option<(Instant, u32)> {
        let Reverse(first) = self.waiting.pop()?;
        self.probe.counters.set_waiting(self.waiting.len());
        Some(first)
    }

    fn wait(&mut self, slot: u32, until: Instant) {
        self.waiting.push(Reverse((until, slot)));
        self.probe.counters.set_waiting(self.waiting.len());
    }

    fn path_of(&self, failure: &Failure) -> Vec<String> {
        let component = failure.cause.as_ref().map(|cause| &cause.component);
        let path = component.and_then(|component| self.how.paths.get(component));
        path.cloned().unwrap_or_else(|| vec![self.spout.to_string()])
    }
}

/// What becomes of the attempts of a spout task. `may_replay`: it may still emit.
impl<O: Outputs, Id> SpoutOutput<O, Id> {
    /// The last claim on a root is given up.
    #[inline]
    pub(crate) fn over(
        &mut self,
        key: SlotKey,
        is_acked: bool,
        root: Option<crate::sync::Arc<Root>>,
    ) -> Option<Outcome<Id>> {
        let slot = self.slots.over(key, is_acked, root)?;
        if let Some(replay) = &mut self.replay {
            replay.forget(slot);
        }
        self.slots.ack(slot)
    }

    /// An attempt has failed.
    pub(crate) fn fail(
        &mut self,
        slot: u32,
        failure: Failure,
        may_replay: bool,
        now: Instant,
    ) -> Option<Outcome<Id>> {
        let failure = match &mut self.replay {
            None => failure,
            Some(replay) if !may_replay => replay.give_up(slot, failure),
            Some(replay) => match replay.judge(slot, failure, now) {
                Err(failure) => failure,
                Ok(()) => {
                    self.slots.park(slot);
                    return None;
                }
            },
        };
        self.slots.fail(slot, failure)
    }

    /// Nothing is emitted any more: gives up on the next root that waits to be.
    pub(crate) fn fail_waiting(&mut self) -> Option<Outcome<Id>> {
        let (slot, failure) = self.replay.as_mut()?.give_up_waiting()?;
        self.slots.fail(slot, failure)
    }

    /// When the next root is to be emitted again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.replay.as_ref()?.next_due()
    }

    /// Emits roots again whose time has come, a batch of them at most. Returns whether there were any.
    pub(crate) fn emit_due(&mut self, now: Instant) -> bool {
        let Some(replay) = &mut self.replay else { return false };
        let mut has_emitted = false;
        for _ in 0..BATCH {
            let Some((slot, delivery)) = replay.take_due(now) else { break };
            if let Some(anchor) = self.slots.begin_again(slot, delivery) {
                replay.emit(slot, anchor, &mut self.streams, &mut self.outcomes);
                has_emitted = true;
            }
        }
        has_emitted
    }
}
