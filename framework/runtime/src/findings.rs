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
    /// A spout has nothing more to emit and waits for its last roots, and one bolt below it holds as many anchors. If
    /// they wait for further tuples, they wait until the message timeout.
    HoldsTheEnd {
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
                "`{bolt}` holds {}, and all {} that `{spout}` may have pending are pending: \
                 nothing comes in until `{bolt}` lets go or the roots time out; raise `max_pending` of `{spout}` \
                 above what `{bolt}` gathers, or let `{bolt}` gather less",
                Count(*held as u64, "tuple"),
                Count(*pending, "root"),
            ),
            Self::HoldsTheEnd { bolt, held, spout, pending } => write!(
                f,
                "`{spout}` has come to its end and waits for {}, and `{bolt}` holds {}: it has to let go by \
                 itself when nothing more comes, as a window with `flush_after` does, or they time out",
                Count(*pending, "root"),
                Count(*held as u64, "tuple"),
            ),
        }
    }
}

/// A number of things, in words.
struct Count(u64, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, thing) = self;
        write!(f, "{count} {thing}{}", if *count == 1 { "" } else { "s" })
    }
}

/// What this status shows.
pub(crate) fn of(status: &Status) -> Vec<Finding> {
    let spouts = status.components.iter().filter(|component| component.roots.is_some());
    let pairs = spouts.flat_map(|spout| {
        let holders = below(status, spout).into_iter().filter(|bolt| bolt.held > 0);
        holders.filter_map(move |bolt| holds_back(spout, bolt))
    });
    pairs.collect()
}

/// The components that tuples of this spout can reach.
fn below<'a>(status: &'a Status, spout: &'a ComponentStatus) -> Vec<&'a ComponentStatus> {
    let mut reached = vec![spout];
    // Each stands behind those that it reads from.
    for component in &status.components {
        if component.reads.iter().any(|from| reached.iter().any(|reached| reached.name == *from)) {
            reached.push(component);
        }
    }
    reached
}

fn holds_back(spout: &ComponentStatus, bolt: &ComponentStatus) -> Option<Finding> {
    let pending = spout.roots.as_ref()?.pending;
    if pending == 0 || (bolt.held as u64) < pending {
        return None;
    }
    let (held, spout_name, bolt) = (bolt.held, spout.name.clone(), bolt.name.clone());
    if spout.full_tasks == spout.tasks {
        return Some(Finding::HoldsEverything { bolt, held, spout: spout_name, pending });
    }
    let has_ended = spout.ended_tasks == spout.tasks;
    has_ended.then_some(Finding::HoldsTheEnd { bolt, held, spout: spout_name, pending })
}
