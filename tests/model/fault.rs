//! [`Fault`]: what happens to a tuple, decided by its name alone, so that the reference knows it beforehand.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use squall::Reason;

use crate::case::{Case, Hanging};

/// A tuple. Copies of it share the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) root: RootId,
    /// Through which components, as which of their tuples, it has come.
    pub(crate) path: u64,
}

impl Token {
    /// The tuple that `component` emits as its `nth` for this one.
    pub(crate) fn child(&self, component: usize, nth: u8) -> Self {
        Self { root: self.root, path: hash(&(self.path, component, nth)) }
    }
}

/// One attempt to deliver a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct RootId {
    pub(crate) spout: usize,
    pub(crate) number: u32,
    pub(crate) attempt: u32,
}

impl RootId {
    /// The first tuple, before the spout emits its own.
    pub(crate) fn seed(self) -> Token {
        Token { root: self, path: 0 }
    }
}

/// What an execute does besides its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Refuses,
    RefusesForGood,
    Panics,
    /// Awaits first.
    PanicsLate,
    DropsItsAnchor,
    /// Holds the anchor, and drops it some milliseconds after it has answered `Ok`.
    DropsItsAnchorLate(u64),
    /// Holds the anchor until its root has timed out.
    KeepsItsAnchor,
    /// Never comes back.
    Hangs,
    /// Awaits for longer than the message timeout.
    TakesTooLong,
    /// No fault: awaits.
    Stalls(u64),
    /// No fault: awaits for longer than the message timeout, and puts it off.
    PutsItOff,
    /// No fault: holds the anchor, and acks it later.
    AcksLate(u64),
}

impl Fault {
    /// Why the root fails.
    pub(crate) fn reason(self) -> Option<Reason> {
        match self {
            Self::Refuses | Self::RefusesForGood => Some(Reason::Explicit),
            Self::Panics | Self::PanicsLate => Some(Reason::Panic),
            Self::DropsItsAnchor | Self::DropsItsAnchorLate(_) => Some(Reason::Dropped),
            Self::KeepsItsAnchor | Self::Hangs | Self::TakesTooLong => Some(Reason::Timeout),
            Self::Stalls(_) | Self::PutsItOff | Self::AcksLate(_) => None,
        }
    }

    /// Whether the execute does not answer `Ok`, so that what it emitted is not sent.
    pub(crate) fn spoils_the_execute(self) -> bool {
        matches!(self, Self::Refuses | Self::RefusesForGood | Self::Panics | Self::PanicsLate | Self::Hangs)
    }
}

/// After so many failures a root meets no fault any more, so that every case comes to an end.
const FAULTY_ATTEMPTS: u32 = 3;

impl Case {
    /// What happens in this execute.
    pub(crate) fn fault(&self, bolt: usize, token: &Token) -> Option<Fault> {
        let hash = self.draw(token.root, &(token, bolt))?;
        let millis = 1 + hash / 16 % 12;
        Some(match hash % if self.hanging == Hanging::No { 12 } else { 14 } {
            0 | 1 => Fault::Refuses,
            2 => Fault::RefusesForGood,
            3 | 4 => Fault::Panics,
            5 => Fault::PanicsLate,
            6 => Fault::DropsItsAnchor,
            7 => Fault::DropsItsAnchorLate(millis),
            8 => Fault::KeepsItsAnchor,
            9 | 10 => Fault::Stalls(millis),
            11 => Fault::AcksLate(millis),
            // A sync bolt under virtual time has nothing that it could wait for.
            _ if self.bolts[bolt].is_sync => return None,
            _ if self.hanging == Hanging::ForEver => Fault::Hangs,
            // Who else is tied to the root would have to be known.
            13 if !self.ties() => Fault::PutsItOff,
            _ => Fault::TakesTooLong,
        })
    }

    /// Whether the key of this input panics for this tuple.
    pub(crate) fn key_panics(&self, bolt: usize, input: usize, token: &Token) -> bool {
        self.draw(token.root, &("key", token, bolt, input)).is_some_and(|hash| hash.is_multiple_of(4))
    }

    /// What the spout's `next` does once it has emitted this root.
    pub(crate) fn fault_of_next(&self, root: RootId) -> Option<Fault> {
        match self.draw(root, &("next", root))? % 8 {
            0 => Some(Fault::Refuses),
            1 => Some(Fault::Panics),
            _ => None,
        }
    }

    /// A random number for the few that meet a fault.
    fn draw(&self, root: RootId, name: &impl Hash) -> Option<u64> {
        let hash = hash(&(self.seed, name));
        (root.attempt <= FAULTY_ATTEMPTS && hash % 1000 < self.faults).then_some(hash / 1000)
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
