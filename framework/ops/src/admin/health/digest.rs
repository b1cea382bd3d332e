//! [`Digest`]: what all checks say, in one answer.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::TopologyState;

use crate::check::{Bound, Category, CheckState, CheckStatus};
use crate::finding::Finding;
use crate::site::Site;

/// Checks that have not answered for so long are not at work.
const SILENT: Duration = Duration::from_secs(10);

/// How somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Health {
    /// All is well.
    Pass,
    /// Something should be looked into when there is time.
    Warn,
    /// Somebody has to act now.
    Fail,
}

/// What all checks say. The form is that of draft-inadarei-api-health-check-06, and more.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Digest {
    /// The worst of what follows.
    pub(super) status: Health,
    /// The version of this form.
    version: &'static str,
    /// The version of the binary.
    release_id: String,
    /// What the binary is called.
    description: String,
    /// The process is on its way to the end.
    draining: bool,
    /// The checks answer; else one of them hangs, and what they say here is old.
    answering: bool,
    /// What is wrong, in sentences, the worst first; and what is to be known besides.
    notes: Vec<String>,
    /// By the name of the check: what it says of each thing that it is about.
    checks: BTreeMap<String, Vec<Said>>,
}

/// What a check says of one thing.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Said {
    /// What it is about: `word-count`, `word-count/split`; without it the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    component_id: Option<String>,
    /// `component` of a topology, `system` for a topology or the process.
    component_type: &'static str,
    /// What was measured last; without it there was nothing to measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<f64>,
    /// The unit of that.
    #[serde(skip_serializing_if = "String::is_empty")]
    observed_unit: String,
    /// How it is. A bound that is broken, but not for long enough, is `pass` still.
    status: Health,
    /// The bound that should hold.
    bound: Bound,
    /// Who must act if it does not.
    category: Category,
    /// Since when it has been so.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    since: SystemTime,
    /// When it was measured.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    time: SystemTime,
    /// What is wrong, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    what_to_do: Option<String>,
    /// Where more about it is to be found.
    links: Links,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Links {
    /// Where the way out is described.
    runbook: String,
}

impl Digest {
    pub(super) fn of(site: &Site) -> Self {
        let (findings, at) = (site.lookout.findings(), site.lookout.seen().at);
        let mut notes: Vec<String> = findings.iter().map(|finding| finding.sentence.clone()).collect();
        let mut status =
            findings.iter().map(|finding| health(finding.category)).max().unwrap_or(Health::Pass);
        let mut also = |worse: Health, note: String| {
            status = status.max(worse);
            notes.push(note);
        };
        for topology in &site.topologies {
            if topology.running.status().state == TopologyState::Failed {
                also(Health::Fail, format!("`{}` has failed", topology.name));
            }
        }
        if site.is_draining() {
            also(Health::Warn, "the process drains, and takes no new work".to_owned());
        }
        let silence = site.lookout.age_of_checks().filter(|age| *age > SILENT);
        if let Some(age) = silence {
            let seconds = age.as_secs();
            also(Health::Fail, format!("the checks have not answered for {seconds} s: one of them hangs"));
        }
        let mut checks: BTreeMap<String, Vec<Said>> = BTreeMap::new();
        for state in site.lookout.checks() {
            let finding = findings.iter().find(|finding| finding.id == state.id());
            checks.entry(state.check.clone()).or_default().push(Said::new(state, finding, at));
        }
        Self {
            status,
            version: "1",
            release_id: site.version.clone(),
            description: site.name.clone(),
            draining: site.is_draining(),
            answering: silence.is_none(),
            notes,
            checks,
        }
    }
}

impl Said {
    fn new(state: CheckState, finding: Option<&Finding>, time: SystemTime) -> Self {
        let component_type = if state.component.is_some() { "component" } else { "system" };
        let place: Vec<&str> =
            [&state.topology, &state.component].into_iter().flatten().map(String::as_str).collect();
        Self {
            component_id: (!place.is_empty()).then(|| place.join("/")),
            component_type,
            observed_value: state.value.filter(|value| value.is_finite()),
            status: if state.status == CheckStatus::Raised { health(state.category) } else { Health::Pass },
            bound: state.bound,
            category: state.category,
            since: state.since,
            time,
            output: finding.map(|finding| finding.sentence.clone()),
            what_to_do: finding.map(|finding| finding.what_to_do.clone()),
            links: Links { runbook: state.runbook },
            observed_unit: state.unit,
        }
    }
}

fn health(category: Category) -> Health {
    match category {
        Category::Page => Health::Fail,
        Category::Mail => Health::Warn,
    }
}
