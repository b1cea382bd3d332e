//! What becomes of a root: [`Reason`], [`Failure`] and the counters of [`Delivery`].

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Why a root failed. The first cause wins; a root has one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// A bolt answered `Err`.
    Explicit,
    /// User code panicked while it worked on the root.
    Panic,
    /// The root was still pending after the message timeout.
    Timeout,
    /// A branch of the root was dropped without a decision.
    Dropped,
    /// The topology stopped before the root was done.
    Shutdown,
}

impl Reason {
    /// Every reason, in the order in which counters list them.
    pub const ALL: [Self; 5] = [Self::Explicit, Self::Panic, Self::Timeout, Self::Dropped, Self::Shutdown];

    /// The name as it stands in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Dropped => "dropped",
            Self::Shutdown => "shutdown",
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often a root has been delivered, and why again. Two counters tell a refusal from an accident.
///
/// ```
/// use squall_core::{Delivery, Reason};
///
/// let third = Delivery::first().after(Reason::Explicit).after(Reason::Timeout);
/// assert_eq!((third.attempt, third.refused, third.redelivered), (3, 1, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Delivery {
    /// 1 for the first delivery.
    pub attempt: u32,
    /// Earlier attempts that a bolt answered with `Err`.
    pub refused: u32,
    /// Earlier attempts that ended by panic, timeout, drop or shutdown.
    pub redelivered: u32,
}

impl Delivery {
    /// The first delivery of a root.
    pub const fn first() -> Self {
        Self { attempt: 1, refused: 0, redelivered: 0 }
    }

    /// The delivery that follows when this one failed for `reason`.
    #[must_use]
    pub fn after(self, reason: Reason) -> Self {
        let refused = u32::from(reason == Reason::Explicit);
        Self {
            attempt: self.attempt.saturating_add(1),
            refused: self.refused.saturating_add(refused),
            redelivered: self.redelivered.saturating_add(1 - refused),
        }
    }
}

impl Delivery {
    /// Both counters in one word. Every attempt but the first is counted in one of them.
    pub(crate) fn pack(self) -> u64 {
        (u64::from(self.refused) << 32) | u64::from(self.redelivered)
    }

    pub(crate) fn unpack(word: u64) -> Self {
        let (refused, redelivered) = ((word >> 32) as u32, word as u32);
        Self { attempt: refused.saturating_add(redelivered).saturating_add(1), refused, redelivered }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self::first()
    }
}

/// All that a spout is told about a root that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The first cause.
    pub reason: Reason,
    /// A bolt said that a replay is useless ([`Error::permanent`](crate::Error::permanent)).
    pub permanent: bool,
    /// The delivery that failed. `failure.delivery.after(failure.reason)` is the next one.
    pub delivery: Delivery,
    /// The task that failed it and what it said, if a task did. Nobody fails a root that times out.
    pub cause: Option<Arc<Cause>>,
}

impl Failure {
    /// A failure of which no more is known than this; its `cause` is `None`.
    ///
    /// ```
    /// use squall_core::{Delivery, Failure, Reason};
    ///
    /// let failure = Failure::new(Reason::Timeout, Delivery::first());
    /// assert!(!failure.permanent && failure.cause.is_none());
    /// ```
    pub fn new(reason: Reason, delivery: Delivery) -> Self {
        Self { reason, permanent: false, delivery, cause: None }
    }
}

/// The task that failed a root, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The name of the component.
    pub component: String,
    /// Which of its tasks, from 0.
    pub task: usize,
    /// The text of the error or of the panic.
    pub message: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (task {}): {}", self.component, self.task, self.message)
    }
}

/// What a root fails with.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Verdict {
    pub reason: Reason,
    pub permanent: bool,
    pub cause: Option<Arc<Cause>>,
}

impl Verdict {
    pub(crate) fn of(reason: Reason) -> Self {
        Self { reason, permanent: false, cause: None }
    }
}

/// The state of a root in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State(pub(crate) u8);

impl State {
    pub(crate) const ALIVE: Self = Self(0);
    pub(crate) const FAILED: Self = Self(1);
    /// The outcome has been told and the memory is on its way home or unused.
    pub(crate) const SETTLED: Self = Self(2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_survives_packing() {
        let third = Delivery::first().after(Reason::Explicit).after(Reason::Panic);
        assert_eq!(Delivery::unpack(third.pack()), third);
        assert_eq!(Delivery::unpack(Delivery::first().pack()), Delivery::first());
    }
}
