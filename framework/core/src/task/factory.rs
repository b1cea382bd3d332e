//! [`Factory`]: how the user's part of a task is made, and the one edge under which it runs.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
};

use super::{Exit, TaskContext};
use crate::{
    Reason, Result,
    host::LocalFuture,
    panics::{Caught, Panicked, caught, caught_drop},
    probe::Probe,
};

/// Builds the user's part of a task, on its thread.
pub trait Factory<C>: Send + Sync + 'static {
    /// Builds one.
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<C>>;
}

/// A plain closure, `|| Split`.
pub struct Plain<F>(pub F);

impl<F> fmt::Debug for Plain<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl<C: 'static, F: Fn() -> C + Send + Sync + 'static> Factory<C> for Plain<F> {
    fn build<'a>(&'a self, _: &'a TaskContext) -> LocalFuture<'a, Result<C>> {
        Box::pin(async { Ok((self.0)()) })
    }
}

/// An async closure that may fail, `async |cx| Ok(Split::open(cx)?)`.
pub struct Fallible<F>(pub F);

impl<F> fmt::Debug for Fallible<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fallible")
    }
}

impl<C: 'static, F> Factory<C> for Fallible<F>
where
    F: AsyncFn(&TaskContext) -> Result<C> + Send + Sync + 'static,
{
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<C>> {
        Box::pin((self.0)(context))
    }
}

/// Runs user code to its end under the one edge where panics are caught; its state is dropped there too.
pub(super) async fn guarded<T>(probe: &Probe, future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = Box::pin(future);
    let end = poll_fn(|cx| {
        probe.counters.enter();
        let poll = Pin::new(&mut Caught(future.as_mut())).poll(cx);
        probe.counters.leave();
        poll
    })
    .await;
    caught_drop(future)?;
    end
}

pub(super) async fn build<C: 'static>(
    factory: &dyn Factory<C>,
    context: &TaskContext,
    probe: &Probe,
) -> Result<C, Exit> {
    let built = match caught(|| factory.build(context)) {
        Ok(building) => guarded(probe, building).await,
        Err(panicked) => Err(panicked),
    };
    let failed =
        |reason, message: String, permanent| Exit::Failed { reason, message, permanent, progressed: false };
    match built {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(error)) => {
            probe.report(&format!("set-up: {error}"));
            Err(failed(Reason::Explicit, error.to_string(), error.is_permanent()))
        }
        Err(panicked) => {
            probe.report(&format!("set-up {panicked}"));
            Err(failed(Reason::Panic, panicked.to_string(), false))
        }
    }
}

/// What a failed building said.
pub(super) fn said(exit: Exit) -> String {
    if let Exit::Failed { message, .. } = exit { message } else { String::new() }
}

pub(super) fn drop_user_part<C>(part: C, probe: &Probe) {
    if let Err(panicked) = caught_drop(part) {
        probe.report(&format!("the `Drop` of a component {panicked}"));
    }
}
