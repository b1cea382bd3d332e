//! [`Dead`]: what the engine gave up on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Cause, Delivery, Reason};

/// A dead letter: the tuples of a root that failed for good, and why. `.replay(policy)` on a spout gives a
/// stream of them.
///
/// It belongs to the same root as the tuples did. A bolt that answers `Ok` to it releases the original: the
/// spout is told that its root is acked. If the letter itself fails, it is emitted again.
///
/// ```
/// use squall_core::{Cause, Dead, Delivery, Reason};
///
/// let dead = Dead {
///     tuples: vec!["12:00 -".to_owned()],
///     reason: Reason::Explicit,
///     permanent: true,
///     delivery: Delivery::first(),
///     cause: Some(Cause { component: "parse".into(), task: 1, message: "no temperature".into() }),
///     path: vec!["lines".into(), "parse".into()],
/// };
///
/// let text = "explicit (permanent) at attempt 1, lines > parse, `parse` (task 1): no temperature";
/// assert_eq!(dead.to_string(), text);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dead<T> {
    /// Everything that the spout emitted for the root, in order.
    pub tuples: Vec<T>,
    /// Why the last attempt failed.
    pub reason: Reason,
    /// A bolt said that a replay is useless; else there was no attempt left.
    pub permanent: bool,
    /// The last attempt, and how those before it ended.
    pub delivery: Delivery,
    /// The task that failed the last attempt, and what it said. Nobody fails a root that times out.
    pub cause: Option<Cause>,
    /// The components from the spout to the one that failed it, both included. Where several ways lead there,
    /// those of all ways. Only the spout, if it is not known who failed it.
    pub path: Vec<String>,
}

impl<T> fmt::Display for Dead<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.permanent { " (permanent)" } else { "" };
        let Delivery { attempt, .. } = self.delivery;
        write!(f, "{}{verdict} at attempt {attempt}, {}", self.reason, self.path.join(" > "))?;
        self.cause.iter().try_for_each(|cause| write!(f, ", {cause}"))
    }
}
