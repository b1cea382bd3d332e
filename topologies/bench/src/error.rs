//! Why a measurement came to nothing.

use std::{error::Error as _, io};

use squall::{Failed, Invalid, Refused};

use crate::case::Outcome;

/// Why a measurement came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A topology of the benchmark is wired wrongly: a bug in the benchmark.
    #[error("a topology of the benchmark is invalid")]
    Invalid(#[from] Invalid),
    /// A topology did not start or ended with a failure.
    #[error("a topology of the benchmark failed")]
    Failed(#[from] Failed),
    /// A topology was not rebalanced.
    #[error("a topology of the benchmark was not rebalanced")]
    Refused(#[from] Refused),
    /// Both sides of a case must do the same work, and did not: one of them lost or doubled something.
    #[error("{case}, tracking {tracking}: the engine did {engine:?}, its limit {limit:?}; they should agree")]
    Disagreement {
        /// The name of the case.
        case: &'static str,
        /// The name of the tracking.
        tracking: &'static str,
        /// What the engine did.
        engine: Outcome,
        /// What the limit did.
        limit: Outcome,
    },
    /// The run with panics did not do the same work as the one without.
    #[error("a word count with panics did {with:?}, without panics {without:?}; they should agree")]
    Replay {
        /// What was done with panics.
        with: Outcome,
        /// What was done without.
        without: Outcome,
    },
    /// The system refused something: a runtime, a thread, or what `/proc` tells of this process.
    #[error("the benchmark could not be run or its use of the machine not be read")]
    System(#[from] io::Error),
}

impl Error {
    /// What happened and why, in one sentence.
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            sentence = format!("{sentence}: {error}");
            cause = error.source();
        }
        sentence
    }
}
