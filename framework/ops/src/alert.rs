//! [`Alert`]: a finding that was raised, or what a person reported, and what people say of it afterwards.
//!
//! What was raised, what was a real problem, and what needed a person are three circles. They should be one: what lies
//! outside of the others is a threshold that is wrong, a repair that nobody has automated, or a check that is missing.

mod alerts;
mod counts;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "history", test))]
pub(crate) use alerts::KEPT;
pub(crate) use alerts::{Alerts, Report};
pub(crate) use counts::Counts;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Category;
use crate::finding::Finding;
use crate::instant::Moment;

/// A finding that was raised, or what a person reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Alert {
    /// Its number, from 1; it stays the same over restarts.
    pub(crate) id: u64,
    /// What raised it: the check; none if a person reported what no check saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<String>,
    /// Who had to act; none if a person reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<Category>,
    /// The topology that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topology: Option<String>,
    /// The component that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<String>,
    /// What was wrong, in a sentence without a stop.
    pub(crate) sentence: String,
    /// When it was raised, or reported.
    pub(crate) raised_at: Moment,
    /// When all was well again, or the process ended.
    pub(crate) cleared_at: Option<Moment>,
    /// What people say of it; the last one counts.
    pub(crate) answer: Option<Answer>,
}

/// What somebody says of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Something was really wrong.
    pub(crate) real: bool,
    /// It would not have gone away by itself.
    pub(crate) needed_a_person: bool,
    /// What is to be remembered about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    /// Who says so.
    pub(crate) who: String,
    pub(crate) at: Moment,
}

impl Alert {
    /// A finding that was raised.
    fn of(id: u64, finding: &Finding) -> Self {
        Self {
            id,
            check: Some(finding.check.clone()),
            category: Some(finding.category),
            topology: finding.topology.clone(),
            component: finding.component.clone(),
            sentence: finding.sentence.clone(),
            raised_at: Moment(finding.since),
            cleared_at: None,
            answer: None,
        }
    }

    /// Whether a check raised it.
    pub(crate) fn was_raised(&self) -> bool {
        self.check.is_some()
    }
}
