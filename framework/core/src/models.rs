//! Models for loom: it runs each of them under every order of its threads (up to a bound on preemptions),
//! on the very source that production runs.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release --package squall-core --lib --target-dir target/loom models::
//! ```
//!
//! A waker that is never called shows as a deadlock: a model blocks as a task would.

mod anchor;
mod inbox;
mod joint;

use std::future::poll_fn;
use std::task::{Context, Poll};

/// Blocks the model's thread until `poll` is ready.
fn block_on<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    loom::future::block_on(poll_fn(poll))
}

/// A model without a bound given from outside uses this one: every bug known to need more is exotic, and
/// the whole run stays short.
const PREEMPTIONS: usize = 2;

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS);
    builder.check(model);
}
