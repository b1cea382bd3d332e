//! The ports of a task: where what it emitted waits until the subscribers have room.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use crate::{
    Tuple,
    anchor::{Anchor, Outcomes},
    batch::{BATCH, Batch},
    emit::Buffer,
    host::Host,
    panics::drop_caught,
    probe::{Activity, Doing, Probe, StreamProbe},
    route::{Route, Sending},
    tap::TapPoint,
};

/// One output stream with all its subscribers.
pub(crate) trait Port {
    /// Hands over what is sealed. Ready when nothing sealed is left, or, without `all`, less than a batch.
    fn poll_flush(&mut self, all: bool, cx: &mut FlushContext<'_, '_>) -> Poll<()>;

    /// Ties finished values to the root of the execute in hand, while that execute awaits something.
    fn seal_branch(&mut self, anchor: &Anchor);

    /// Nobody waits for room any more.
    fn give_up_waiting(&mut self, now: Instant);
}

/// What a flush needs from its task.
pub(crate) struct FlushContext<'a, 'w> {
    pub(crate) task: &'a mut Context<'w>,
    pub(crate) now: Instant,
    pub(crate) probe: &'a Probe,
    pub(crate) outcomes: &'a mut Outcomes,
}

pub(crate) struct StreamPort<T> {
    buffer: Rc<RefCell<Buffer<T>>>,
    routes: Vec<Box<dyn Route<T>>>,
    tap: Option<TapPoint>,
    /// It has the counters of each route, if somebody looks at them.
    counters: Arc<StreamProbe>,
    /// Routes hold tuples that found no room yet.
    is_blocked: bool,
}

impl<T: Tuple> StreamPort<T> {
    pub(crate) fn new(
        buffer: Rc<RefCell<Buffer<T>>>,
        routes: Vec<Box<dyn Route<T>>>,
        counters: Arc<StreamProbe>,
        tap: Option<TapPoint>,
    ) -> Self {
        // Not known before the first look: a link may be shut.
        Self { buffer, routes, tap, counters, is_blocked: true }
    }

    fn poll_routes(&mut self, all: bool, cx: &mut FlushContext<'_, '_>) -> Poll<()> {
        let mut blocked = false;
        let mut counters = self.counters.subscriptions().iter();
        for route in &mut self.routes {
            let mut sending = Sending::new(all, cx.now, cx.task);
            let is_pending = route.poll_send(&mut sending).is_pending();
            blocked |= is_pending;
            if let Some(counters) = counters.next() {
                counters.note(sending.sent, is_pending, cx.now);
            }
        }
        self.is_blocked = blocked;
        if blocked { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Gives each route its copy of the batch; the last one gets the original.
    fn load_routes(&mut self, mut batch: Batch<T>, cx: &mut FlushContext<'_, '_>) {
        self.counters.add_emitted(batch.len());
        if let Some(tap) = &self.tap {
            tap.show(cx.probe.task, batch.values(), cx.now);
        }
        let Some((last, others)) = self.routes.split_last_mut() else {
            // Nobody listens: these tuples are done.
            while let Some(run) = batch.next_run() {
                cx.outcomes.release(run.anchor);
            }
            drop_caught(batch);
            return;
        };
        for route in others {
            let copy = batch.copy(cx.probe);
            route.load(copy, cx.probe);
        }
        last.load(batch, cx.probe);
    }
}

impl<T: Tuple> Port for StreamPort<T> {
    fn poll_flush(&mut self, all: bool, cx: &mut FlushContext<'_, '_>) -> Poll<()> {
        // A route may hold tuples back until they fill a batch: with `all` these go too.
        if (self.is_blocked || all) && self.poll_routes(all, cx).is_pending() {
            return Poll::Pending;
        }
        let sealed = self.buffer.borrow().sealed();
        if sealed == 0 || (!all && sealed < BATCH) {
            return Poll::Ready(());
        }
        let batch = self.buffer.borrow_mut().take_sealed();
        self.load_routes(batch, cx);
        self.poll_routes(all, cx)
    }

    fn seal_branch(&mut self, anchor: &Anchor) {
        self.buffer.borrow_mut().seal_branch(anchor);
    }

    fn give_up_waiting(&mut self, now: Instant) {
        self.counters.subscriptions().iter().for_each(|counters| counters.note(0, false, now));
    }
}

/// All ports of a task. Shared by the run loop and by [`Output::flush`](crate::Output::flush).
pub(crate) struct Ports {
    ports: RefCell<Vec<Box<dyn Port>>>,
    pub(crate) probe: Probe,
    pub(crate) host: Rc<dyn Host>,
    /// When the task was put together.
    pub(crate) began: Instant,
    /// User code waits for room downstream: that is not to be stuck.
    pub(crate) is_awaited: Cell<bool>,
    pub(crate) activity: Activity,
}

impl Ports {
    pub(crate) fn new(ports: Vec<Box<dyn Port>>, probe: Probe, host: Rc<dyn Host>) -> Rc<Self> {
        let began = host.now();
        let activity = Activity::new(Arc::clone(&probe.counters), began);
        let (ports, is_awaited) = (RefCell::new(ports), Cell::new(false));
        Rc::new(Self { ports, probe, host, began, is_awaited, activity })
    }

    /// Those of the same task, and of no stream.
    pub(crate) fn without_streams(&self) -> Rc<Self> {
        let (probe, host) = (self.probe.clone(), Rc::clone(&self.host));
        let (ports, is_awaited) = (RefCell::default(), Cell::new(false));
        // What it does is told by the task that it belongs to.
        let activity = Activity::new(Arc::default(), self.began);
        Rc::new(Self { ports, probe, host, began: self.began, is_awaited, activity })
    }

    /// Polls every port, so that a blocked one does not hold up the others. `now` stamps the batches.
    pub(crate) fn poll_flush(
        &self,
        all: bool,
        now: Instant,
        outcomes: &mut Outcomes,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut ports = self.ports.borrow_mut();
        if ports.is_empty() {
            return Poll::Ready(());
        }
        let mut cx = FlushContext { task: cx, now, probe: &self.probe, outcomes };
        let mut blocked = false;
        for port in ports.iter_mut() {
            blocked |= port.poll_flush(all, &mut cx).is_pending();
        }
        if blocked { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Waits until less than a batch is left, or with `all` nothing.
    pub(crate) async fn flush(&self, all: bool, outcomes: &mut Outcomes) {
        poll_fn(|cx| {
            let now = self.host.now();
            let poll = self.poll_flush(all, now, outcomes, cx);
            self.activity.turn_to(if poll.is_pending() { Doing::Blocked } else { Doing::Busy }, now);
            poll
        })
        .await;
    }

    pub(crate) fn seal_branch(&self, anchor: &Anchor) {
        for port in self.ports.borrow_mut().iter_mut() {
            port.seal_branch(anchor);
        }
    }

    /// Hands everything over for user code that waits for it.
    pub(crate) async fn flush_awaited(&self, outcomes: &mut Outcomes) {
        /// The code may be dropped while it waits.
        struct Awaited<'a>(&'a Ports);
        impl Drop for Awaited<'_> {
            fn drop(&mut self) {
                self.0.is_awaited.set(false);
                if self.0.activity.is_blocked() {
                    self.0.activity.turn_to(Doing::Busy, self.0.host.now());
                }
            }
        }
        self.is_awaited.set(true);
        let _awaited = Awaited(self);
        self.flush(true, outcomes).await;
    }

    /// Whether nothing can be handed over: there are no streams, or nobody to read them.
    pub(crate) fn is_closed(&self) -> bool {
        self.ports.borrow().is_empty()
    }

    /// Drops the routes: this task will emit nothing more, and its subscribers' inboxes may close.
    pub(crate) fn close(&self) {
        let mut closed = std::mem::take(&mut *self.ports.borrow_mut());
        if !closed.is_empty() {
            let now = self.host.now();
            closed.iter_mut().for_each(|port| port.give_up_waiting(now));
        }
        drop(closed);
    }

    /// The task does not run for now.
    pub(crate) fn turn_off(&self) {
        self.activity.turn_to(Doing::Off, self.host.now());
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        self.close();
        self.turn_off();
    }
}
