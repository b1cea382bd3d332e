//! [`Outcomes`]: what a task has to tell the spouts, collected over a batch.

use std::mem;

use crate::{
    anchor::{Anchor, Origin, Root},
    home::{Home, Told},
    sync::Arc,
};

/// Outcomes that a task has collected and tells their homes together, once a batch.
#[doc(hidden)]
#[derive(Default)]
pub struct Outcomes {
    homes: Vec<(Arc<Home>, Vec<Told>)>,
    /// Where the last outcome went: most batches come from one spout task.
    last: usize,
    waiting: bool,
}

impl Outcomes {
    /// Acks one claim. The last claim of a root takes its memory along.
    #[inline]
    pub fn release(&mut self, anchor: Anchor) {
        let Some(mut root) = anchor.into_root() else { return };
        // Not the last owner: dropping the `Arc` is all there is to do.
        let Some(last) = Arc::get_mut(&mut root) else { return };
        let (is_acked, key) = (last.settle(), last.key());
        match &last.origin {
            Origin::Spout(home) => {
                self.list_of(home).push(Told::Over { key, is_acked, root: Some(root) });
                self.waiting = true;
            }
            Origin::Held { .. } | Origin::Joint(_) => self.release_parents(last),
        }
    }

    /// The last claim on a root that stood for others is given up: so is its claim on each of them.
    #[cold]
    fn release_parents(&mut self, root: &mut Root) {
        for parent in root.parents_mut() {
            self.release(parent.take());
        }
    }

    #[inline]
    fn list_of(&mut self, home: &Arc<Home>) -> &mut Vec<Told> {
        let is_last = self.homes.get(self.last).is_some_and(|(last, _)| Arc::ptr_eq(last, home));
        if !is_last {
            let known = self.homes.iter().position(|(known, _)| Arc::ptr_eq(known, home));
            self.last = known.unwrap_or_else(|| {
                self.homes.push((Arc::clone(home), Vec::new()));
                self.homes.len() - 1
            });
        }
        #[expect(clippy::indexing_slicing, reason = "`last` was set to a valid index just above")]
        &mut self.homes[self.last].1
    }

    /// Tells everything that was collected.
    pub(crate) fn tell(&mut self) {
        if !mem::take(&mut self.waiting) {
            return;
        }
        for (home, told) in &mut self.homes {
            if !told.is_empty() {
                home.tell_all(told);
            }
        }
    }
}

impl std::fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcomes").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Drop for Outcomes {
    fn drop(&mut self) {
        self.tell();
    }
}
