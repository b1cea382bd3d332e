//! [`Finding`]: something of a running topology that somebody should look into.

use std::fmt;

use serde::Serialize;

use crate::status::{ComponentStatus, LeakedThreads, Status};

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
    /// Calls of user code did not come back within `stuck_after`.
    Stuck {
        /// The component.
        component: String,
        /// The task of the last one, if its message is still kept.
        task: Option<usize>,
        /// How many calls since the start.
        times: u64,
        /// What was said of the last one, if it is still kept.
        message: Option<String>,
    },
    /// Threads do not come back from user code. They can only be left behind, and one more than the budget fails
    /// the topology.
    LeakedThreads {
        /// How many.
        count: usize,
        /// How many may be.
        budget: usize,
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
            Self::Stuck { component, task, times, message } => {
                write!(f, "`{component}` was stuck in {}", Count(*times, "call"))?;
                if let Some(message) = message {
                    write!(f, ", last in task {}: {message}", task.unwrap_or_default())?;
                }
                write!(
                    f,
                    "; find out what `{component}` waits for or computes, or raise its `stuck_after` if it is only slow"
                )
            }
            Self::LeakedThreads { count, budget } => write!(
                f,
                "{} left behind, of {budget} that may be: one more than that fails the topology; only a restart of \
                 the process frees them, so mend what is stuck",
                Count(*count as u64, "thread"),
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
    pairs.chain(status.components.iter().filter_map(stuck)).chain(leaked(status)).collect()
}

fn stuck(component: &ComponentStatus) -> Option<Finding> {
    if component.stuck == 0 {
        return None;
    }
    let told = component.errors.iter().filter(|error| is_of_a_stuck_call(&error.message));
    let last = told.max_by(|one, other| one.last.total_cmp(&other.last));
    Some(Finding::Stuck {
        component: component.name.clone(),
        task: last.map(|error| error.task),
        times: component.stuck,
        message: last.map(|error| error.message.clone()),
    })
}

/// One that kept its thread, or one that awaited for too long.
fn is_of_a_stuck_call(message: &str) -> bool {
    message.starts_with("stuck: ") || message.starts_with("a call was still pending")
}

fn leaked(status: &Status) -> Option<Finding> {
    let LeakedThreads { count, budget } = status.leaked_threads;
    (count > 0).then_some(Finding::LeakedThreads { count, budget })
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
