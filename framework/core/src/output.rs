//! [`Output`]: what `execute` gets besides its tuple.

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use crate::{
    Delivery, Error, Outputs,
    anchor::{Anchor, Outcomes},
    concurrent::CallNews,
    port::Ports,
};

/// The streams of a bolt, and the tuple in hand. It derefs to the streams: `out.words.emit(word)`.
pub struct Output<O> {
    pub(crate) streams: O,
    /// The claim of the tuple in hand on its root.
    pub(crate) anchor: Anchor,
    pub(crate) ports: Rc<Ports>,
    /// What the calls of a concurrent bolt came to.
    pub(crate) calls: CallNews,
}

impl<O: Outputs> Output<O> {
    pub(crate) fn new(streams: O, ports: Rc<Ports>) -> Self {
        Self { streams, anchor: Anchor::NONE, ports, calls: CallNews::default() }
    }

    /// How often the root of the tuple in hand was delivered, and why again.
    pub fn delivery(&self) -> Delivery {
        self.anchor.delivery()
    }

    /// Takes a claim on the root of the tuple in hand: the root stays pending until the anchor is acked,
    /// failed or dropped, even when this execute has answered `Ok`.
    ///
    /// For bolts that keep tuples: windows, joins, parking. What is made of them later is tied to their roots by
    /// [`Emit::emit_anchored`](crate::Emit::emit_anchored).
    pub fn hold(&mut self) -> Anchor {
        Anchor::held(self.anchor.branch(), &self.ports.probe.counters)
    }

    /// Lets the message timeout of the root in hand begin anew, as if its spout had emitted it now: for an
    /// execute that takes long and gets on.
    pub fn reset_timeout(&self) {
        self.anchor.reset_timeout();
    }

    /// How long the task has existed, on the clock of its thread: virtual in tests, not set back by a restart.
    /// A tick of period `p` comes as soon as this reaches a multiple of `p`.
    pub fn uptime(&self) -> Duration {
        self.ports.host.now().saturating_duration_since(self.ports.began)
    }

    /// Shows an error among those of the component and fails nothing: for what went wrong with other tuples than
    /// the one in hand.
    pub fn report(&self, error: &Error) {
        self.ports.probe.report(&error.to_string());
    }

    /// Sends what this execute has emitted so far and waits until the subscribers have taken it in: for an
    /// execute with huge output. What was flushed is not taken back if the execute fails later.
    ///
    /// In a [`ConcurrentBolt`](crate::ConcurrentBolt) this does nothing: what a call emits leaves at its end.
    pub async fn flush(&mut self) {
        if self.ports.is_closed() {
            return;
        }
        self.streams.finish();
        self.ports.seal_branch(&self.anchor);
        let mut outcomes = Outcomes::default();
        self.ports.flush_awaited(&mut outcomes).await;
    }

    /// [`flush`](Self::flush) for a [`SyncBolt`](crate::SyncBolt): blocks its thread.
    ///
    /// Where sync bolts have no thread of their own (virtual time in tests) it hands over what finds room
    /// and returns.
    pub fn flush_blocking(&mut self) {
        let may_block = self.ports.host.is_own_thread();
        let counters = Arc::clone(&self.ports.probe.counters);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut cx = Context::from_waker(&waker);
        let mut flush = pin!(self.flush());
        while flush.as_mut().poll(&mut cx) == Poll::Pending && may_block {
            // To wait for others is not to be stuck.
            counters.leave();
            thread::park();
            counters.enter();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<O: Outputs> Deref for Output<O> {
    type Target = O;

    fn deref(&self) -> &O {
        &self.streams
    }
}

impl<O: Outputs> DerefMut for Output<O> {
    fn deref_mut(&mut self) -> &mut O {
        &mut self.streams
    }
}

impl<O: Outputs> fmt::Debug for Output<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("anchor", &self.anchor).finish_non_exhaustive()
    }
}
