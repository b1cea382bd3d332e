//! [`Finding`]: something of a running topology that somebody should look into.

use std::fmt;

use serde::Serialize;

use crate::status::{ComponentStatus, Status};

/// What is wrong, where, and what to do about it: its `Display` is a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A spout may emit nothing more, and one bolt holds as many anchors as the spout has roots pending. If they
    /// wait for further tuples, they wait until the message timeout.
    HoldsEverything {
        /// The bolt.
        bolt: String,
        /// The anchors that it holds.
        held: usize,
        /// The spout.
        spout: String,
        /// Its roots without an outcome.
        pending: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HoldsEverything { bolt, held, spout, pending } => write!(
                f,
                "`{bolt}` holds {held} tuples, and all {pending} roots that `{spout}` may have pending are pending: \
                 nothing comes in until `{bolt}` lets go or the roots time out; raise `max_pending` of `{spout}` \
                 above what `{bolt}` gathers, or let `{bolt}` gather less"
            ),
        }
    }
}

/// What this status shows.
pub(crate) fn of(status: &Status) -> Vec<Finding> {
    let spouts = status.components.iter().filter(|component| is_full(component));
    let pairs = spouts.flat_map(|spout| status.components.iter().map(move |bolt| (spout, bolt)));
    pairs.filter_map(|(spout, bolt)| holds_everything(spout, bolt)).collect()
}

fn is_full(component: &ComponentStatus) -> bool {
    component.roots.is_some() && component.full_tasks == component.tasks
}

fn holds_everything(spout: &ComponentStatus, bolt: &ComponentStatus) -> Option<Finding> {
    let pending = spout.roots.as_ref()?.pending;
    (bolt.held > 0 && bolt.held as u64 >= pending).then(|| Finding::HoldsEverything {
        bolt: bolt.name.clone(),
        held: bolt.held,
        spout: spout.name.clone(),
        pending,
    })
}
