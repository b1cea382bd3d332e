//! Routes: one subscriber's view of a stream. A grouping decides which of its tasks gets a tuple.

mod custom;
mod partial_key;

use std::{
    any::{Any, TypeId},
    hash::{BuildHasher, Hash},
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use foldhash::quality::FixedState;

use crate::{
    Tuple,
    anchor::Anchor,
    batch::{BATCH, Batch, Filling, Run},
    delivery::{Reason, Verdict},
    inbox::Sender,
    panics::caught,
    probe::Probe,
};

pub(crate) use custom::{Custom, MakeGrouping};
pub(crate) use partial_key::PartialKey;

/// What a route needs to hand over.
pub(crate) struct Sending<'a, 'w> {
    /// Everything goes, and not only what fills a batch for its receiving task.
    pub(crate) all: bool,
    pub(crate) now: Instant,
    pub(crate) task: &'a mut Context<'w>,
    /// Tuples that were handed over.
    pub(crate) sent: usize,
}

impl<'a, 'w> Sending<'a, 'w> {
    pub(crate) fn new(all: bool, now: Instant, task: &'a mut Context<'w>) -> Self {
        Self { all, now, task, sent: 0 }
    }
}

/// One subscriber of a stream. It is loaded only when it is ready.
pub(crate) trait Route<T>: Send {
    /// Sorts a batch by receiving task. A tuple whose key or conversion panics fails alone.
    fn load(&mut self, batch: Batch<T>, probe: &Probe);

    /// Hands over what is loaded as far as there is room; ready when nothing is left that should go.
    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()>;
}

/// A receiving task, or all tasks that share an inbox, with what waits for it.
struct Target<In> {
    sender: Sender<In>,
    filling: Filling<In>,
    waiting: Batch<In>,
}

impl<In> Target<In> {
    fn new(sender: Sender<In>) -> Self {
        Self { sender, filling: Filling::with_capacity(0), waiting: Batch::empty() }
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        let least = if cx.all { 1 } else { BATCH };
        if self.waiting.is_empty() && self.filling.len() >= least {
            self.waiting = self.filling.take();
        }
        let before = self.waiting.len();
        let poll = self.sender.poll_send(&mut self.waiting, cx.now, cx.task);
        cx.sent += before - self.waiting.len();
        poll
    }
}

/// Polls all targets, so that a full one does not hold up the others.
fn poll_targets<In>(targets: &mut [Target<In>], cx: &mut Sending<'_, '_>) -> Poll<()> {
    let mut blocked = false;
    for target in targets {
        blocked |= target.poll_send(cx).is_pending();
    }
    if blocked { Poll::Pending } else { Poll::Ready(()) }
}

/// `shuffle` and `local_or_shuffle` into a shared inbox, and `global`: everything to one inbox.
pub(crate) struct Single<T, In> {
    target: Target<In>,
    convert: Convert<T, In>,
}

impl<T, In> Single<T, In> {
    pub(crate) fn new(sender: Sender<In>, convert: Convert<T, In>) -> Self {
        Self { target: Target::new(sender), convert }
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for Single<T, In> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        self.target.waiting = batch.convert(self.convert, probe);
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        self.target.poll_send(cx)
    }
}

/// `shuffle` where each task has an inbox of its own because it also reads keyed streams: each batch goes
/// to the task that has the least to do.
pub(crate) struct LeastLoaded<T, In> {
    targets: Vec<Target<In>>,
    next: usize,
    convert: Convert<T, In>,
}

impl<T, In> LeastLoaded<T, In> {
    pub(crate) fn new(senders: Vec<Sender<In>>, convert: Convert<T, In>) -> Self {
        Self { targets: senders.into_iter().map(Target::new).collect(), next: 0, convert }
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for LeastLoaded<T, In> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        let tasks = self.targets.len().max(1);
        self.next = (self.next + 1) % tasks;
        // Among equals the one whose turn it is.
        let turn = self.next;
        let least = (0..self.targets.len()).min_by_key(|&at| {
            let depth = self.targets.get(at).map_or(usize::MAX, |target| target.sender.depth());
            (depth, (at + tasks - turn) % tasks)
        });
        if let Some(target) = least.and_then(|at| self.targets.get_mut(at)) {
            target.waiting = batch.convert(self.convert, probe);
        }
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        poll_targets(&mut self.targets, cx)
    }
}

/// The hash of the key of a tuple.
pub(crate) type HashOf<T> = Arc<dyn Fn(&T) -> u64 + Send + Sync>;

/// `fields` and `fields_by`: tuples of one key go to one task.
pub(crate) struct Keyed<T, In> {
    targets: Vec<Target<In>>,
    key: HashOf<T>,
    convert: Convert<T, In>,
}

impl<T, In> Keyed<T, In> {
    pub(crate) fn new(senders: Vec<Sender<In>>, key: HashOf<T>, convert: Convert<T, In>) -> Self {
        Self { targets: senders.into_iter().map(Target::new).collect(), key, convert }
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for Keyed<T, In> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        let tasks = self.targets.len();
        let (key, convert, targets) = (&self.key, self.convert, &mut self.targets);
        batch.each(probe, "the key of a grouping", |value, run| {
            let at = task_of(key(&value), tasks);
            if let (Some(input), Some(target)) = (convert.one(value), targets.get_mut(at)) {
                target.filling.push_claim(input, run);
            }
        });
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        poll_targets(&mut self.targets, cx)
    }
}

/// The high bits of the hash times the number of tasks: even, and cheaper than a remainder.
#[inline]
pub(crate) fn task_of(hash: u64, tasks: usize) -> usize {
    ((u128::from(hash) * tasks as u128) >> 64) as usize
}

/// `all`: every task gets every tuple.
pub(crate) struct Broadcast<T, In> {
    targets: Vec<Target<In>>,
    convert: Convert<T, In>,
}

impl<T, In> Broadcast<T, In> {
    pub(crate) fn new(senders: Vec<Sender<In>>, convert: Convert<T, In>) -> Self {
        Self { targets: senders.into_iter().map(Target::new).collect(), convert }
    }
}

impl<T: Tuple, In: Send + 'static> Route<T> for Broadcast<T, In> {
    fn load(&mut self, mut batch: Batch<T>, probe: &Probe) {
        let Some((last, others)) = self.targets.split_last_mut() else { return };
        for target in others {
            target.waiting = batch.copy(probe).convert(self.convert, probe);
        }
        last.waiting = batch.convert(self.convert, probe);
    }

    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        poll_targets(&mut self.targets, cx)
    }
}

/// Hashes a grouping key with a fixed seed: the same key goes to the same task in every run of one build.
pub(crate) fn hash_key<K: Hash + ?Sized>(key: &K) -> u64 {
    FixedState::with_seed(0x5371_7561_6c6c).hash_one(key)
}

/// How a tuple becomes the input of a subscriber.
pub(crate) enum Convert<T, In> {
    /// The input is the tuple: a batch is handed over as it stands.
    Same,
    By(fn(T) -> In),
}

impl<T, In> Clone for Convert<T, In> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, In> Copy for Convert<T, In> {}

impl<T: 'static, In: 'static> Convert<T, In> {
    pub(crate) fn by(convert: fn(T) -> In, is_identity: bool) -> Self {
        if is_identity && TypeId::of::<T>() == TypeId::of::<In>() { Self::Same } else { Self::By(convert) }
    }

    fn one(self, value: T) -> Option<In> {
        match self {
            Self::By(convert) => Some(convert(value)),
            Self::Same => same_type(value),
        }
    }
}

/// Moves a value between two names of one type; `None` if they are two types.
fn same_type<A: 'static, B: 'static>(value: A) -> Option<B> {
    (&mut Some(value) as &mut dyn Any).downcast_mut::<Option<B>>().and_then(Option::take)
}

/// Work on batches that runs user code (conversions, keys, clones): a panic fails the root of the tuple it
/// struck and no other.
impl<T: Tuple> Batch<T> {
    /// Gives each tuple away in order; `give` takes its claim out of the run.
    fn each(mut self, probe: &Probe, what: &str, mut give: impl FnMut(T, &mut Run)) {
        while !self.is_empty() {
            let result = caught(|| self.give_all(&mut give));
            if let Err(panicked) = result {
                let verdict = probe.verdict(Reason::Panic, &format!("{what} {panicked}"));
                self.pop_claim().into_iter().for_each(|claim| fail(claim, verdict.clone(), probe));
            }
        }
    }

    fn give_all(&mut self, give: &mut impl FnMut(T, &mut Run)) {
        while let Some(mut len) = self.first_run().map(|run| run.len) {
            while len > 0
                && let Some(value) = self.next_value()
                && let Some(run) = self.first_run()
            {
                give(value, run);
                len -= 1;
            }
            self.next_run().into_iter().for_each(|run| run.anchor.ack());
        }
    }

    /// Turns every tuple into the subscriber's input.
    fn convert<In: 'static>(self, convert: Convert<T, In>, probe: &Probe) -> Batch<In> {
        let Convert::By(convert) = convert else { return same_type(self).unwrap_or_else(Batch::empty) };
        let mut converted = Filling::with_capacity(self.len());
        self.each(probe, "the conversion of a tuple", |value, run| {
            converted.push_claim(convert(value), run);
        });
        converted.take()
    }

    /// A copy for another subscriber. A tuple whose `Clone` panics is taken out of the original too.
    pub(crate) fn copy(&mut self, probe: &Probe) -> Self {
        let original = std::mem::replace(self, Self::empty());
        let mut copy = Filling::with_capacity(original.len());
        let mut kept = Filling::with_capacity(original.len());
        original.each(probe, "the `Clone` of a tuple", |value, run| {
            copy.push(value.clone(), &run.anchor);
            kept.push_claim(value, run);
        });
        *self = kept.take();
        copy.take()
    }
}

#[cold]
fn fail(claim: Anchor, verdict: Verdict, probe: &Probe) {
    if !claim.is_tracked() {
        probe.counters.add_dropped(1);
    }
    claim.fail_for(verdict);
}
