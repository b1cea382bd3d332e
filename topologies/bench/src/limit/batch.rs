//! What travels through a channel.

use std::sync::Arc;

use super::{BATCH, root::Root};

/// Tuples, each with its anchor, and the roots that the whole batch keeps open.
#[derive(Debug)]
pub(super) struct Batch<T, A> {
    pub(super) tuples: Vec<(T, A)>,
    pub(super) roots: Vec<Arc<Root>>,
}

impl<T, A> Batch<T, A> {
    /// An empty batch with room for all its tuples.
    pub(super) fn new() -> Self {
        Self { tuples: Vec::with_capacity(BATCH), roots: Vec::new() }
    }

    /// Keeps a root open until this batch is done.
    pub(super) fn keep(&mut self, root: &Arc<Root>) {
        if !self.roots.last().is_some_and(|last| Arc::ptr_eq(last, root)) {
            self.roots.push(Arc::clone(root));
        }
    }
}
