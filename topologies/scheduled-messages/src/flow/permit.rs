//! The permit for one attempt.

use std::fmt;
use std::sync::Arc;

use super::Lane;
use super::gate::Gate;

/// The permit for one attempt. It is given back when it is dropped, by a panic too.
#[must_use = "the slot is given back when this is dropped"]
pub struct Permit {
    held: Option<(Arc<Gate>, Slot)>,
}

/// What an attempt holds while it is under way.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) lane: Lane,
    /// Whose attempt it is, if attempts of the account are counted.
    pub(super) account: Option<Arc<str>>,
    /// It is the one by which the destination is tried.
    pub(super) probe: Option<u64>,
}

impl Permit {
    pub(super) fn new(gate: Arc<Gate>, slot: Slot) -> Self {
        Self { held: Some((gate, slot)) }
    }

    /// A permit that takes nothing of anybody.
    pub(super) fn to_nowhere() -> Self {
        Self { held: None }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some((gate, slot)) = self.held.take() {
            gate.leave(&slot);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.held.as_ref().map(|(_, slot)| slot)).finish()
    }
}
