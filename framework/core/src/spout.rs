//! [`Spout`]: what a user writes to bring tuples in, and [`SpoutOutput`], through which it tracks roots.

use std::{fmt, future::Future, time::Duration};

use crate::{
    Delivery, Failure, Outputs, Reason, Result, anchor::Outcomes, delivery::Verdict, replay::Replay,
    slots::Slots,
};

/// What [`Spout::next`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It emitted something; call again.
    Emitted,
    /// There is nothing now; call again soon. A spout that can await its source should rather do that.
    Idle,
    /// There is nothing more. If a root fails afterwards, `next` is called again, so that the spout may
    /// replay it; the end is final once nothing is pending.
    End,
}

/// A source of tuples.
///
/// `next`, `ack` and `fail` of a task are never called at the same time. Neither the spout nor its futures
/// need be `Send`.
///
/// ```
/// use std::collections::VecDeque;
/// use squall_core::{Emit, Next, Reason, Result, Spout, SpoutOutput};
///
/// struct Numbers { todo: VecDeque<u64> }
///
/// impl Spout for Numbers {
///     type Id = u64;
///     type Out = Emit<u64>;
///
///     async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
///         let Some(n) = self.todo.pop_front() else { return Ok(Next::End) };
///         out.track(n).emit(n);
///         Ok(Next::Emitted)
///     }
///
///     async fn fail(&mut self, n: u64, _why: Reason) {
///         self.todo.push_back(n); // at least once: replay
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a spout",
    label = "expected a factory of spouts, as `|| Lines::open()`",
    note = "implement `Spout` for it, and pass a closure that makes one: it is called per task and at every restart"
)]
pub trait Spout: 'static {
    /// The spout's own name for a root: an offset, a row id.
    type Id: 'static;
    /// What it writes: `Emit<T>`, or a struct with `#[derive(Outputs)]`.
    type Out: Outputs;

    /// Emits what there is, or awaits it. Called only while there is room under `max_pending`.
    ///
    /// An error is reported; the spout is kept and asked again after the back-off of its restart policy. A
    /// permanent error ends the topology.
    ///
    /// # Cancel safety
    ///
    /// Must be cancel safe: the future is dropped whenever an outcome or a command arrives.
    fn next(&mut self, out: &mut SpoutOutput<Self::Out, Self::Id>) -> impl Future<Output = Result<Next>>;

    /// Every tuple of the root is done.
    fn ack(&mut self, id: Self::Id) -> impl Future<Output = ()> {
        let _ = id;
        async {}
    }

    /// The root failed. The engine does not replay by itself, unless the topology says `.replay(policy)`; then
    /// this is called for what the engine has given up on.
    fn fail(&mut self, id: Self::Id, why: Reason) -> impl Future<Output = ()> {
        let _ = (id, why);
        async {}
    }

    /// [`fail`](Self::fail) with everything that is known. The engine calls this one.
    fn failed(&mut self, id: Self::Id, failure: Failure) -> impl Future<Output = ()> {
        self.fail(id, failure.reason)
    }

    /// The spout is not asked for more for now: the topology is paused, or begins to drain. Called once each time,
    /// before the outcomes of what is pending come in.
    ///
    /// Whatever the spout holds and has not emitted can be given back here. If it is to go on, it is asked again.
    fn deactivate(&mut self) -> impl Future<Output = ()> {
        async {}
    }

    /// The last call, after the drain: every root has its outcome.
    fn close(&mut self) -> impl Future<Output = ()> {
        async {}
    }
}

/// The streams of a spout. What is emitted goes through [`track`](Self::track) or
/// [`untracked`](Self::untracked).
pub struct SpoutOutput<O, Id> {
    pub(crate) streams: O,
    pub(crate) slots: Slots<Id>,
    pub(crate) outcomes: Outcomes,
    pub(crate) is_full: bool,
    pub(crate) replay: Option<Box<Replay<O>>>,
}

impl<O: Outputs, Id> SpoutOutput<O, Id> {
    pub(crate) fn new(streams: O, max_pending: usize, timeout: Duration) -> Self {
        let slots = Slots::new(max_pending, timeout);
        Self { streams, slots, outcomes: Outcomes::default(), is_full: false, replay: None }
    }

    /// Begins a root: everything that is emitted until the next `track`, or until `next` returns, shares
    /// it. `id` comes back in `ack` or `fail`, once.
    ///
    /// A call may track more roots than [`room`](Self::room) says; the spout is then not asked again until
    /// enough of them are done.
    #[inline]
    pub fn track(&mut self, id: Id) -> &mut O {
        self.redeliver(id, Delivery::first())
    }

    /// [`track`](Self::track) for a replay: `delivery` is what bolts see in
    /// [`Output::delivery`](crate::Output::delivery).
    #[inline]
    pub fn redeliver(&mut self, id: Id, delivery: Delivery) -> &mut O {
        self.seal();
        self.slots.track(id, delivery);
        &mut self.streams
    }

    /// Emits without a root: nobody is told what becomes of these tuples.
    #[inline]
    pub fn untracked(&mut self) -> &mut O {
        if self.slots.has_current() {
            self.seal();
        }
        &mut self.streams
    }

    /// How many roots still fit under `max_pending`.
    #[inline]
    pub fn room(&self) -> usize {
        self.slots.room()
    }

    /// The root in hand is complete.
    #[inline]
    pub(crate) fn seal(&mut self) {
        if let Some(replay) = &mut self.replay
            && let Some(slot) = self.slots.current()
        {
            replay.keep(slot, &self.streams);
        }
        self.is_full |= self.streams.finish();
        self.streams.seal(self.slots.take_current(), &mut self.outcomes);
    }

    /// `next` failed while it worked on the root in hand.
    pub(crate) fn fail_current(&mut self, verdict: &Verdict) {
        self.slots.take_current().fail_for(verdict.clone());
        self.streams.discard(verdict);
    }
}

impl<O: Outputs, Id> fmt::Debug for SpoutOutput<O, Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpoutOutput").field("room", &self.room()).finish_non_exhaustive()
    }
}
