//! [`Finding`]: what somebody should look into.

use std::time::SystemTime;

use schemars::JsonSchema;
use serde::Serialize;

use crate::check::{Bound, Category, Check, Reading};
use crate::event::NewEvent;
use crate::heal::Heal;

/// What somebody should look into: where, why, since when, and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Finding {
    /// The same for the same thing, for programs: `bottleneck/word-count/split`.
    pub id: String,
    /// The check that says it.
    pub check: String,
    /// Who must act.
    pub category: Category,
    /// The topology that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// The component that is the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// What is wrong, in a sentence without a stop.
    pub sentence: String,
    /// What to do, in a sentence without a stop.
    pub what_to_do: String,
    /// Where the way out is described.
    pub runbook: String,
    /// The page to look at.
    pub link: String,
    /// What was measured.
    pub value: f64,
    /// The unit of that.
    pub unit: String,
    /// What should hold.
    pub bound: Bound,
    /// Since when it has counted.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    pub since: SystemTime,
    /// The components that wait for this one.
    pub waits: Vec<String>,
    /// What is done by itself about it.
    #[serde(rename = "action", skip_serializing_if = "Option::is_none")]
    pub heal: Option<Heal>,
}

impl Finding {
    pub(crate) fn new(check: &Check, reading: Reading, since: SystemTime) -> Self {
        let Reading { topology, component, value, sentence, what_to_do, waits } = reading;
        let place = [topology.as_deref(), component.as_deref()];
        let id = place.iter().flatten().fold(check.name().to_owned(), |id, part| format!("{id}/{part}"));
        let sentence = sentence.unwrap_or_else(|| in_words(check, &place, value));
        Self {
            id,
            check: check.name().to_owned(),
            category: check.category,
            sentence,
            what_to_do: what_to_do.unwrap_or_else(|| check.what_to_do.to_string()),
            runbook: check.runbook_link(),
            link: link(&place),
            value,
            unit: check.unit.to_string(),
            bound: check.bound,
            since,
            waits,
            heal: check.heal.clone(),
            topology,
            component,
        }
    }

    /// The worst first, then the oldest.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        (self.category, self.since, self.id.clone())
    }

    pub(crate) fn event(&self, kind: &'static str, sentence: String) -> NewEvent {
        let event = NewEvent::new(kind, sentence);
        match (&self.topology, &self.component) {
            (Some(topology), Some(component)) => event.about(topology, component),
            (Some(topology), None) => event.of(topology),
            (None, _) => event,
        }
    }
}

fn in_words(check: &Check, place: &[Option<&str>], value: f64) -> String {
    let place: Vec<&str> = place.iter().flatten().copied().collect();
    let at = if place.is_empty() { String::new() } else { format!(" of `{}`", place.join("/")) };
    let side = match check.bound {
        Bound::Above(_) => "more",
        Bound::Below(_) => "less",
    };
    let (bound, unit) = (check.bound.value(), &check.unit);
    let with_unit = |value: f64| format!("{} {unit}", Short(value)).trim_end().to_owned();
    format!("`{}`{at} is {}, {side} than {}", check.name(), with_unit(value), with_unit(bound))
}

/// A number with as many digits as somebody reads.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.0.abs() >= 100.0 || self.0.fract() == 0.0 { 0 } else { 2 };
        write!(f, "{:.digits$}", self.0)
    }
}

fn link(place: &[Option<&str>; 2]) -> String {
    match place {
        [Some(topology), Some(component)] => format!("/t/{topology}/c/{component}"),
        [Some(topology), None] => format!("/t/{topology}"),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_without_words_of_its_own_tells_its_numbers() {
        let check = Check::new("lag", Bound::Above(30.0), |_: crate::CheckView<'_>| Vec::new()).unit("s");
        let said = |reading| Finding::new(&check, reading, SystemTime::now());

        let finding = said(Reading::new(31.25).about("t", "in"));

        assert_eq!(finding.sentence, "`lag` of `t/in` is 31.25 s, more than 30 s");
        assert_eq!((&*finding.id, &*finding.link), ("lag/t/in", "/t/t/c/in"));
        assert_eq!(said(Reading::new(131.25)).sentence, "`lag` is 131 s, more than 30 s");
    }
}
