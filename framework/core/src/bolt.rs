//! [`Bolt`] and [`SyncBolt`]: what a user writes to process tuples.

use std::{future::Future, task::Context, time::Duration};

use crate::{Output, Outputs, Result};

/// A processor of tuples that may await: I/O, timers, other services.
///
/// `Ok` acks the tuple in hand, `Err` fails its root with [`Reason::Explicit`](crate::Reason::Explicit), a
/// panic with [`Reason::Panic`](crate::Reason::Panic) and rebuilds the bolt. What a failed execute emitted
/// is not sent. One task executes one tuple at a time, so `&mut self` is its own.
///
/// Neither the bolt nor its future need be `Send`: a task is built on its thread and stays there.
///
/// ```
/// use squall_core::{Bolt, Emit, Output, Result};
///
/// struct Double;
///
/// impl Bolt for Double {
///     type In = u32;
///     type Out = Emit<u32>;
///
///     async fn execute(&mut self, n: u32, out: &mut Output<Emit<u32>>) -> Result<()> {
///         out.emit(2 * n);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a bolt",
    label = "expected a factory of bolts, as `|| Split`",
    note = "implement `Bolt` (it may await) for it, or `SyncBolt` (CPU-bound or blocking) and declare it with `.sync_bolt(..)`"
)]
pub trait Bolt: 'static {
    /// What it reads: a tuple type, or an enum with `#[derive(Input)]`.
    type In: Send + 'static;
    /// What it writes: `()`, `Emit<T>`, or a struct with `#[derive(Outputs)]`.
    type Out: Outputs;

    /// Processes one tuple.
    fn execute(&mut self, input: Self::In, out: &mut Output<Self::Out>) -> impl Future<Output = Result>;

    /// The period of [`tick`](Self::tick) where the declaration sets none by `.tick(period)`; `None`: no ticks.
    /// For a bolt that knows by itself how often it must look around. Asked once, when it is built.
    fn tick_period(&self) -> Option<Duration> {
        None
    }

    /// Called at each period of `.tick(period)`; a period that is missed is skipped. What it emits belongs
    /// to no root. An error is reported; a panic rebuilds the bolt.
    fn tick(&mut self, out: &mut Output<Self::Out>) -> impl Future<Output = Result> {
        let _ = out;
        async { Ok(()) }
    }

    /// Called once in a drain, when the upstream components are done and the inbox is empty: the last
    /// chance to emit. What it emits belongs to no root.
    fn drain(&mut self, out: &mut Output<Self::Out>) -> impl Future<Output = Result> {
        let _ = out;
        async { Ok(()) }
    }

    /// An execute only begins a call, whose answer comes later and is counted then. The hooks below are for such a
    /// bolt; of any other the loop never calls them.
    #[doc(hidden)]
    const ANSWERS_LATER: bool = false;

    /// Lets the calls that are under way go on. What becomes of them wakes the task.
    #[doc(hidden)]
    fn poll_calls(&mut self, out: &mut Output<Self::Out>, cx: &mut Context<'_>) {
        let _ = (out, cx);
    }

    /// Waits until no call is under way.
    #[doc(hidden)]
    fn settle_calls(&mut self, out: &mut Output<Self::Out>) -> impl Future<Output = ()> {
        let _ = out;
        async {}
    }

    /// A call has panicked, and this bolt will take no more tuples.
    #[doc(hidden)]
    fn before_rebuild(&mut self, out: &mut Output<Self::Out>) -> impl Future<Output = ()> {
        let _ = out;
        async {}
    }

    /// Goes on with the calls of the bolt in whose place this one was built.
    #[doc(hidden)]
    fn inherit(&mut self, old: Self)
    where
        Self: Sized,
    {
        drop(old);
    }
}

/// A processor of tuples that computes or blocks. Each of its tasks has a thread of its own.
///
/// Everything else is as for [`Bolt`].
///
/// ```
/// use squall_core::{Emit, Output, Result, SyncBolt};
///
/// struct Checksum;
///
/// impl SyncBolt for Checksum {
///     type In = Vec<u8>;
///     type Out = Emit<u64>;
///
///     fn execute(&mut self, bytes: Vec<u8>, out: &mut Output<Emit<u64>>) -> Result<()> {
///         out.emit(bytes.iter().map(|&byte| u64::from(byte)).sum());
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sync bolt",
    label = "expected a factory of sync bolts, as `|| Split`",
    note = "implement `SyncBolt` for it, or `Bolt` (it may await) and declare it with `.bolt(..)`"
)]
pub trait SyncBolt: 'static {
    /// What it reads: a tuple type, or an enum with `#[derive(Input)]`.
    type In: Send + 'static;
    /// What it writes: `()`, `Emit<T>`, or a struct with `#[derive(Outputs)]`.
    type Out: Outputs;

    /// Processes one tuple.
    fn execute(&mut self, input: Self::In, out: &mut Output<Self::Out>) -> Result;

    /// The period of [`tick`](Self::tick), as [`Bolt::tick_period`].
    fn tick_period(&self) -> Option<Duration> {
        None
    }

    /// Called at each period of `.tick(period)`, as [`Bolt::tick`].
    fn tick(&mut self, out: &mut Output<Self::Out>) -> Result {
        let _ = out;
        Ok(())
    }

    /// Called once in a drain, as [`Bolt::drain`].
    fn drain(&mut self, out: &mut Output<Self::Out>) -> Result {
        let _ = out;
        Ok(())
    }
}

/// Lets the one run loop run a [`SyncBolt`].
pub(crate) struct Blocking<B>(pub(crate) B);

impl<B: SyncBolt> Bolt for Blocking<B> {
    type In = B::In;
    type Out = B::Out;

    async fn execute(&mut self, input: B::In, out: &mut Output<B::Out>) -> Result {
        self.0.execute(input, out)
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.tick_period()
    }

    async fn tick(&mut self, out: &mut Output<B::Out>) -> Result {
        self.0.tick(out)
    }

    async fn drain(&mut self, out: &mut Output<B::Out>) -> Result {
        self.0.drain(out)
    }
}
