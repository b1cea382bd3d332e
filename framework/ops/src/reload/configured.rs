//! [`Configured`]: what the configuration made of a topology, whatever was done to it since.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use squall_runtime::Running;
use squall_topology::{Change, Plan};

/// The plan that the configuration made. A clone is a handle to the same.
#[derive(Clone, Debug)]
pub(crate) struct Configured(Arc<Mutex<Plan>>);

impl Configured {
    pub(crate) fn new(plan: Plan) -> Self {
        Self(Arc::new(Mutex::new(plan)))
    }

    /// The configuration says this now.
    pub(crate) fn set(&self, plan: Plan) -> Plan {
        std::mem::replace(&mut self.lock(), plan)
    }

    /// The numbers that somebody changed by hand: from what the configuration says to what runs.
    pub(crate) fn changed_by_hand(&self, running: &Running) -> Vec<Change> {
        running.plan().map_or_else(Vec::new, |now| self.lock().changes(&now))
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
