//! [`ConcurrentBolt`]: a bolt of which one task has several executes under way at once.

mod call;
mod calls;
mod component;
mod options;
mod ready;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

pub use component::ConcurrentComponent;
pub use options::{CallKey, CallOptions};

use crate::{
    Bolt, Output, Outputs, Reason, Result,
    anchor::Anchor,
    delivery::Verdict,
    panics::{Panicked, drop_caught},
};

/// How long the calls beside one that panicked may go on before the task backs off.
const GRACE: Duration = Duration::from_secs(1);

/// A processor of tuples that awaits an answer from somewhere: one task has several of its executes, its
/// *calls*, under way at once, as many as `.concurrency(n)` says.
///
/// Each call has a tuple and an outcome of its own, as for [`Bolt`]: `Ok` acks the tuple, `Err` fails its root. What
/// a call emits leaves when it has answered `Ok`, all at once ([`Output::flush`] does nothing here). Calls answer in any
/// order; with `.ordered()` what they emit leaves in the order in which their tuples came.
///
/// A call may have a time limit (`.timeout(d)`) and may be made again after a failure that may pass
/// (`.retry(policy)`); therefore its input can be cloned. A call that panics fails its own root and no other: the
/// calls beside it come to their end with the bolt they began with, the next ones get a bolt that is built anew.
///
/// All calls share `&self`. What they change lies in a `Cell`, a `RefCell` or the like; neither the bolt nor its
/// futures need be `Send`.
///
/// ```
/// use squall_core::{ConcurrentBolt, Emit, Output, Result};
///
/// struct Lookup;
/// # impl Lookup { async fn name_of(&self, id: u64) -> Result<String> { Ok(id.to_string()) } }
///
/// impl ConcurrentBolt for Lookup {
///     type In = u64;
///     type Out = Emit<String>;
///
///     async fn execute(&self, id: u64, out: &mut Output<Emit<String>>) -> Result<()> {
///         out.emit(self.name_of(id).await?);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a concurrent bolt",
    label = "expected a factory of concurrent bolts, as `|| Lookup`",
    note = "implement `ConcurrentBolt` for it (its `execute` takes `&self`), or declare it with `.bolt(..)` if it is a `Bolt`"
)]
pub trait ConcurrentBolt: 'static {
    /// What it reads: a tuple type, or an enum with `#[derive(Clone, Input)]`.
    type In: Clone + Send + 'static;
    /// What it writes: `()`, `Emit<T>`, or a struct with `#[derive(Outputs)]`.
    type Out: Outputs;

    /// Processes one tuple, beside others.
    ///
    /// It is dropped at an await when its time is up: what it began elsewhere may have happened.
    fn execute(&self, input: Self::In, out: &mut Output<Self::Out>) -> impl Future<Output = Result>;

    /// The period of [`tick`](Self::tick), as [`Bolt::tick_period`].
    fn tick_period(&self) -> Option<Duration> {
        None
    }

    /// Called at each period of `.tick(period)` beside the calls, as [`Bolt::tick`].
    fn tick(&self, out: &mut Output<Self::Out>) -> impl Future<Output = Result> {
        let _ = out;
        async { Ok(()) }
    }

    /// Called once in a drain, when all calls have answered, as [`Bolt::drain`].
    fn drain(&self, out: &mut Output<Self::Out>) -> impl Future<Output = Result> {
        let _ = out;
        async { Ok(()) }
    }
}

/// What the calls of a task came to, for its run loop.
#[derive(Default)]
pub(crate) struct CallNews {
    /// A call has answered `Ok` since the bolt was built.
    pub(crate) has_progressed: bool,
    /// A call has panicked: the bolt takes no more tuples, and is built anew.
    pub(crate) broken: Option<Panicked>,
}

/// Awaits something else while the calls of the bolt, if it has any, go on.
pub(crate) async fn beside_calls<B: Bolt, F: Future>(
    bolt: &mut B,
    out: &mut Output<B::Out>,
    other: F,
) -> F::Output {
    if !B::ANSWERS_LATER {
        return other.await;
    }
    let mut other = pin!(other);
    poll_fn(|cx| {
        bolt.poll_calls(out, cx);
        other.as_mut().poll(cx)
    })
    .await
}

/// Lets the one run loop run a [`ConcurrentBolt`].
pub(crate) struct Concurrent<B: ConcurrentBolt> {
    bolt: Rc<B>,
    calls: calls::Calls<B>,
}

impl<B: ConcurrentBolt> Concurrent<B> {
    fn is_broken(out: &Output<B::Out>) -> bool {
        out.calls.broken.is_some()
    }

    /// Takes over what a tick or a drain has emitted.
    fn take_over(&mut self, out: &mut Output<B::Out>, mut own: Output<B::Out>, result: Result) -> Result {
        match result {
            Ok(()) => self.calls.deliver(own, out),
            Err(ref error) => {
                let permanent = error.is_permanent();
                own.streams.discard(&Verdict { permanent, ..Verdict::of(Reason::Explicit) });
            }
        }
        result
    }
}

impl<B: ConcurrentBolt> Bolt for Concurrent<B> {
    type In = B::In;
    type Out = B::Out;

    const ANSWERS_LATER: bool = true;

    /// Begins a call, and waits until there is room for another one.
    async fn execute(&mut self, input: B::In, out: &mut Output<B::Out>) -> Result {
        self.calls.begin(&self.bolt, input, out);
        if self.calls.has_room() {
            return Ok(());
        }
        poll_fn(|cx| {
            self.poll_calls(out, cx);
            if self.calls.has_room() || Self::is_broken(out) { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    fn tick_period(&self) -> Option<Duration> {
        self.bolt.tick_period()
    }

    async fn tick(&mut self, out: &mut Output<B::Out>) -> Result {
        let bolt = Rc::clone(&self.bolt);
        let mut own = self.calls.output(out, Anchor::NONE);
        let result = beside_calls(self, out, bolt.tick(&mut own)).await;
        self.take_over(out, own, result)
    }

    async fn drain(&mut self, out: &mut Output<B::Out>) -> Result {
        let bolt = Rc::clone(&self.bolt);
        let mut own = self.calls.output(out, Anchor::NONE);
        let result = bolt.drain(&mut own).await;
        self.take_over(out, own, result)
    }

    fn poll_calls(&mut self, out: &mut Output<B::Out>, cx: &mut Context<'_>) {
        self.calls.turn(&self.bolt, out, cx);
    }

    async fn settle_calls(&mut self, out: &mut Output<B::Out>) {
        poll_fn(|cx| {
            // Calls that wait for another one with their key begin with the bolt that is there.
            out.calls.broken = None;
            self.poll_calls(out, cx);
            if self.calls.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// A bolt that has achieved nothing is built anew after a back-off, in which nobody polls its calls: they
    /// have some time before. One that answers `Ok` is an achievement, and then the task is rebuilt at once.
    async fn before_rebuild(&mut self, out: &mut Output<B::Out>) {
        let host = Rc::clone(&out.ports.host);
        let mut grace = host.sleep_until(host.now() + GRACE);
        poll_fn(|cx| {
            self.poll_calls(out, cx);
            if out.calls.has_progressed || !self.calls.is_running() {
                return Poll::Ready(());
            }
            grace.as_mut().poll(cx)
        })
        .await;
    }

    fn inherit(&mut self, old: Self) {
        self.calls.inherit(old.calls);
        drop_caught(old.bolt);
    }
}
