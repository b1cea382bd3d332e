//! [`Calls`]: what one task has under way.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    CallOptions,
    call::{Answer, Fault, Terms, call},
    options::KeyOf,
    ready::{Bell, Ready},
};
use crate::{
    ConcurrentBolt, Output, Outputs,
    anchor::{Anchor, Outcomes},
    host::LocalFuture,
    outputs::Wires,
    panics::drop_caught,
    port::Ports,
};

/// Outputs that are kept for calls to come: a hundred thousand calls that waited once shall not hold memory for ever.
const SPARE: usize = 256;

/// The calls of one task, each in a slot of its own.
pub(super) struct Calls<B: ConcurrentBolt> {
    most: usize,
    key: Option<KeyOf<B::In>>,
    terms: Rc<Terms>,
    slots: Vec<Slot<B>>,
    free: Vec<usize>,
    /// The slots in the order of their tuples, if what they emit leaves in that order.
    line: Option<VecDeque<usize>>,
    /// The keys of calls that are under way, and the slots that wait for them.
    keys: HashMap<u64, VecDeque<usize>>,
    /// Keys whose call has ended and whose next one may begin.
    idle_keys: Vec<u64>,
    ready: Ready,
    woken: Vec<usize>,
    /// Outputs of calls that have ended, a few.
    spare: Vec<Output<B::Out>>,
    /// What the outputs of all calls have: no streams, so they need not tell them apart.
    ports: Option<Rc<Ports>>,
    outcomes: Outcomes,
    /// Bolts built so far. The news of a call of an older one do not concern the present one.
    generation: u32,
}

struct Slot<B: ConcurrentBolt> {
    bell: Bell,
    key: Option<u64>,
    generation: u32,
    state: State<B>,
}

/// Most calls run; what only others need lies elsewhere, so that a slot is small.
enum State<B: ConcurrentBolt> {
    Free,
    /// Another call with its key is under way.
    Waits(Box<(B::In, Output<B::Out>)>),
    Runs(LocalFuture<'static, Answer<B::Out>>),
    /// It has ended, and one before it in the line has not.
    Ended(Option<Box<Output<B::Out>>>),
}

impl<B: ConcurrentBolt> Calls<B> {
    pub(super) fn new(options: &CallOptions, stuck_after: Duration) -> Self {
        Self {
            most: options.concurrency.max(1),
            key: options.key.as_ref().map(|key| key.typed()),
            terms: Rc::new(Terms { timeout: options.timeout, stuck_after, retry: options.retry }),
            slots: Vec::new(),
            free: Vec::new(),
            line: options.ordered.then(VecDeque::new),
            keys: HashMap::new(),
            idle_keys: Vec::new(),
            ready: Ready::new(),
            woken: Vec::new(),
            spare: Vec::new(),
            ports: None,
            outcomes: Outcomes::default(),
            generation: 0,
        }
    }

    fn in_flight(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn has_room(&self) -> bool {
        self.in_flight() < self.most
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_flight() == 0
    }

    /// Whether a call would go on if it were polled.
    pub(super) fn is_running(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot.state, State::Runs(_)))
    }

    /// An output that gathers by itself, tied to a root.
    pub(super) fn output(&mut self, out: &Output<B::Out>, anchor: Anchor) -> Output<B::Out> {
        let mut own = self.spare.pop().unwrap_or_else(|| {
            // It has neither routes nor ports: only `deliver` moves what its streams gather.
            let ports = self.ports.get_or_insert_with(|| out.ports.without_streams());
            Output::new(B::Out::open(&mut Wires::default()), Rc::clone(ports))
        });
        own.anchor = anchor;
        own
    }

    /// Begins a call for the tuple in hand, at once or when its key is free.
    pub(super) fn begin(&mut self, bolt: &Rc<B>, input: B::In, out: &mut Output<B::Out>) {
        // The key is computed by user code: if it panics nothing has happened yet.
        let key = self.key.as_ref().map(|key| key(&input));
        let own = self.output(out, out.anchor.branch());
        let slot = self.occupy(key, out);
        if let Some(line) = &mut self.line {
            line.push_back(slot);
        }
        match key.map(|key| self.keys.entry(key)) {
            Some(Entry::Occupied(mut waiting)) => {
                waiting.get_mut().push_back(slot);
                self.set(slot, State::Waits(Box::new((input, own))));
            }
            vacant => {
                if let Some(Entry::Vacant(vacant)) = vacant {
                    vacant.insert(VecDeque::new());
                }
                self.run(slot, bolt, input, own);
                self.poll(slot, out);
                self.go_on(bolt, out);
            }
        }
        self.outcomes.tell();
    }

    /// Polls the calls that were woken. Whatever wakes one from here on wakes the task.
    pub(super) fn turn(&mut self, bolt: &Rc<B>, out: &mut Output<B::Out>, cx: &mut Context<'_>) {
        let mut woken = std::mem::take(&mut self.woken);
        self.ready.take(&mut woken, cx);
        for slot in woken.drain(..) {
            self.poll(slot, out);
        }
        self.woken = woken;
        self.go_on(bolt, out);
        self.outcomes.tell();
    }

    /// Begins the calls whose keys have become free, unless the bolt is about to be built anew.
    fn go_on(&mut self, bolt: &Rc<B>, out: &mut Output<B::Out>) {
        while out.calls.broken.is_none()
            && let Some(key) = self.idle_keys.pop()
        {
            match self.keys.get_mut(&key).and_then(VecDeque::pop_front) {
                Some(slot) => {
                    if let State::Waits(waiting) = self.set(slot, State::Free) {
                        let (input, own) = *waiting;
                        self.run(slot, bolt, input, own);
                        self.poll(slot, out);
                    }
                }
                None => drop(self.keys.remove(&key)),
            }
        }
    }

    fn occupy(&mut self, key: Option<u64>, out: &Output<B::Out>) -> usize {
        let generation = self.generation;
        let at = self.free.pop().unwrap_or(self.slots.len());
        match self.slots.get_mut(at) {
            Some(slot) => (slot.key, slot.generation) = (key, generation),
            None => self.slots.push(Slot { bell: self.ready.bell(at), key, generation, state: State::Free }),
        }
        out.ports.probe.counters.set_calls_in_flight(self.in_flight());
        at
    }

    fn set(&mut self, slot: usize, state: State<B>) -> State<B> {
        match self.slots.get_mut(slot) {
            Some(slot) => std::mem::replace(&mut slot.state, state),
            None => State::Free,
        }
    }

    fn run(&mut self, slot: usize, bolt: &Rc<B>, input: B::In, own: Output<B::Out>) {
        let generation = self.generation;
        let future = Box::pin(call(Rc::clone(bolt), input, own, Rc::clone(&self.terms)));
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.generation = generation;
            slot.state = State::Runs(future);
        }
    }

    fn poll(&mut self, at: usize, out: &mut Output<B::Out>) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        let State::Runs(future) = &mut slot.state else { return };
        out.ports.probe.counters.beat();
        let waker = slot.bell.for_poll();
        let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) else { return };
        slot.state = State::Free;
        let is_present = slot.generation == self.generation;
        self.idle_keys.extend(slot.key);
        let delivery = self.book(answer, is_present, out);
        match &mut self.line {
            None => {
                if let Some(own) = delivery {
                    self.deliver(own, out);
                }
                self.vacate(at, out);
            }
            Some(_) => {
                self.set(at, State::Ended(delivery.map(Box::new)));
                self.move_line(out);
            }
        }
    }

    /// Delivers what stands at the head of the line.
    fn move_line(&mut self, out: &mut Output<B::Out>) {
        while let Some(first) = self.line.as_ref().and_then(|line| line.front().copied()) {
            match self.set(first, State::Free) {
                State::Ended(delivery) => {
                    self.line.as_mut().map(VecDeque::pop_front);
                    if let Some(own) = delivery {
                        self.deliver(*own, out);
                    }
                    self.vacate(first, out);
                }
                not_yet => {
                    self.set(first, not_yet);
                    return;
                }
            }
        }
    }

    fn vacate(&mut self, slot: usize, out: &Output<B::Out>) {
        self.free.push(slot);
        out.ports.probe.counters.set_calls_in_flight(self.in_flight());
    }

    /// Counts an answer. One that failed is told at once; of the others the output is left.
    fn book(
        &mut self,
        answer: Answer<B::Out>,
        is_present: bool,
        out: &mut Output<B::Out>,
    ) -> Option<Output<B::Out>> {
        let Answer { out: mut own, failure, took } = answer;
        let counters = &out.ports.probe.counters;
        let has_answered = matches!(failure, None | Some((_, Fault::Refused(_))));
        took.filter(|_| has_answered).into_iter().for_each(|took| counters.record(took, 1));
        let Some((verdict, fault)) = failure else {
            counters.add_executed(1, 0, 0);
            out.calls.has_progressed |= is_present;
            return Some(own);
        };
        if let Fault::Refused(_) = fault {
            counters.add_executed(1, 1, 0);
        }
        if !own.anchor.is_tracked() {
            counters.add_dropped(1);
        }
        own.streams.discard(&verdict);
        own.anchor.take().fail_for(verdict);
        self.keep(own);
        if let Fault::Panicked(panicked) = fault
            && is_present
        {
            out.calls.broken.get_or_insert(panicked);
        }
        None
    }

    /// Moves what was gathered to the streams of the task.
    pub(super) fn deliver(&mut self, mut own: Output<B::Out>, out: &mut Output<B::Out>) {
        own.streams.finish();
        own.streams.seal(own.anchor.take(), &mut self.outcomes);
        out.streams.append(&mut own.streams);
        self.keep(own);
    }

    fn keep(&mut self, output: Output<B::Out>) {
        if self.spare.len() < SPARE {
            self.spare.push(output);
        }
    }

    /// Goes on with what an older bolt has under way.
    pub(super) fn inherit(&mut self, mut old: Self) {
        std::mem::swap(self, &mut old);
        self.generation += 1;
    }
}

impl<B: ConcurrentBolt> Drop for Calls<B> {
    /// A call that panics when it is dropped must not keep the next one from being dropped.
    fn drop(&mut self) {
        self.slots.drain(..).for_each(|slot| drop_caught(slot.state));
    }
}
