//! The three trackings.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use super::{
    BATCH, MAX_PENDING,
    batch::Batch,
    root::{Ledger, Root},
};
use crate::case::ROOT_SPAN;

/// How a source ties its tuples to roots.
pub(super) trait Mode: 'static {
    /// What travels with each tuple.
    type Anchor: Clone + Send + 'static;

    /// The number of roots of `tuples` tuples in one batch.
    fn roots(tuples: usize) -> usize;

    /// Adds `size` tuples to an empty batch.
    fn fill<T>(
        batch: &mut Batch<T, Self::Anchor>,
        size: usize,
        ledger: &mut Ledger,
        tuple: impl FnMut() -> T,
    );
}

/// A source: sends `emissions` tuples, a batch at a time, then waits for its roots.
///
/// Returns the number of roots that reported.
pub(super) async fn source<M: Mode, T>(
    emissions: u64,
    mut tuple: impl FnMut() -> T,
    to: Sender<Batch<T, M::Anchor>>,
) -> u64 {
    let mut ledger = Ledger::default();
    let mut left = emissions;
    while left > 0 {
        let size = left.min(BATCH as u64) as usize;
        if M::roots(size) > 0 {
            ledger.settle(MAX_PENDING - M::roots(size)).await;
        }
        let mut batch = Batch::new();
        M::fill(&mut batch, size, &mut ledger, &mut tuple);
        if to.send(batch).await.is_err() {
            break;
        }
        left -= size as u64;
    }
    ledger.settle(0).await;
    ledger.acked()
}

/// No roots.
pub(super) struct Untracked;

impl Mode for Untracked {
    type Anchor = ();

    fn roots(_tuples: usize) -> usize {
        0
    }

    fn fill<T>(batch: &mut Batch<T, ()>, size: usize, _ledger: &mut Ledger, mut tuple: impl FnMut() -> T) {
        for _ in 0..size {
            batch.tuples.push((tuple(), ()));
        }
    }
}

/// A root for each tuple.
pub(super) struct PerTuple;

impl Mode for PerTuple {
    type Anchor = Arc<Root>;

    fn roots(tuples: usize) -> usize {
        tuples
    }

    fn fill<T>(
        batch: &mut Batch<T, Arc<Root>>,
        size: usize,
        ledger: &mut Ledger,
        mut tuple: impl FnMut() -> T,
    ) {
        for _ in 0..size {
            batch.tuples.push((tuple(), ledger.open()));
        }
    }
}

/// A root for each span of tuples.
pub(super) struct PerBatch;

impl Mode for PerBatch {
    type Anchor = ();

    fn roots(tuples: usize) -> usize {
        tuples.div_ceil(ROOT_SPAN)
    }

    fn fill<T>(batch: &mut Batch<T, ()>, size: usize, ledger: &mut Ledger, mut tuple: impl FnMut() -> T) {
        for _ in 0..size {
            batch.tuples.push((tuple(), ()));
        }
        batch.roots.extend((0..Self::roots(size)).map(|_| ledger.open()));
    }
}
