//! What an enricher found out.

use serde::{Deserialize, Serialize};

use super::{Json, Missing, Name};

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was found out.
    Found(Json),
    /// It cannot be found out, for this reason.
    Missing(Missing),
}

impl Outcome {
    /// What was found out.
    pub fn found(&self) -> Option<&Json> {
        match self {
            Self::Found(json) => Some(json),
            Self::Missing(_) => None,
        }
    }

    /// About the bytes of memory that it takes, with its name.
    pub(crate) fn bytes(&self) -> u64 {
        let found = self.found().map_or(0, |json| json.as_str().len());
        (size_of::<Answer>() + found) as u64
    }
}

/// The answer of an enricher to a [`Question`](super::Question).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The number of its question.
    pub number: u64,
    /// Who answers.
    pub name: Name,
    /// What came of it.
    pub outcome: Outcome,
}

impl Answer {
    /// About the bytes of memory that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.outcome.bytes()
    }
}
