//! How an attempt ended.

use std::time::Duration;

use super::RateHints;

/// How an attempt to deliver ended: what is certain, and what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has the message.
    Accepted {
        /// Where it is there, as an address that a person or a program can follow.
        receipt: Option<String>,
    },
    /// It did not take the message in this attempt, and never will. Of attempts before it, it says nothing.
    Refused {
        /// Why.
        error: String,
    },
    /// It certainly did not take the message in this attempt, but may later. Of attempts before it, it says nothing.
    Busy {
        /// Why.
        error: String,
        /// How long it asked to be left alone, at most an hour.
        after: Option<Duration>,
        /// Who is to wait.
        scope: Scope,
    },
    /// It may have taken the message, or not: the answer is missing or says nothing certain.
    ///
    /// What may be done then depends on the [`Capability`](super::Capability) of the destination.
    Unknown {
        /// What happened.
        error: String,
    },
}

/// Who is to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The account of this message; others may go on.
    Account,
    /// Every account at this destination.
    #[default]
    Destination,
}

/// An outcome with what the destination said about its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// How the attempt ended.
    pub outcome: Outcome,
    /// What is left before the destination refuses more.
    pub hints: RateHints,
}

impl From<Outcome> for Reply {
    /// An outcome of which nothing was said about limits.
    fn from(outcome: Outcome) -> Self {
        Self { outcome, hints: RateHints::default() }
    }
}

/// What a look at the destination told about a message whose attempts may have been taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// It is there.
    Found {
        /// Where.
        receipt: Option<String>,
    },
    /// It is not there: to send it again makes no copy.
    Absent,
    /// It cannot be told: to send it again may make a copy.
    Unable {
        /// Why.
        error: String,
    },
}
