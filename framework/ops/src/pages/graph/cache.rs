//! Layouts that were made: a topology is looked at more often than it changes its shape.

use std::sync::{Arc, Mutex, PoisonError};

use super::layout::{Layout, Shape};

/// More shapes than a process has topologies.
const KEPT: usize = 64;

/// The newest last.
static LAYOUTS: Mutex<Vec<(Shape, Arc<Layout>)>> = Mutex::new(Vec::new());

/// The layout of a shape.
pub(super) fn layout(shape: Shape) -> Arc<Layout> {
    let kept = || LAYOUTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, layout)) = kept().iter().find(|(known, _)| *known == shape) {
        return Arc::clone(layout);
    }
    // Made without the lock: others need not wait.
    let layout = Arc::new(Layout::of(&shape));
    let mut kept = kept();
    if kept.len() == KEPT {
        kept.remove(0);
    }
    kept.push((shape, Arc::clone(&layout)));
    layout
}
