//! [`Board`]: what all checks say now, and since when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use super::{Bound, Category, Check, Reading};
use crate::event::Journal;
use crate::finding::Finding;
use crate::heal::Heal;

/// How long all must be well before a finding goes away: one that flickers is one.
const CALM: Duration = Duration::from_secs(5);

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// The bound holds.
    Ok,
    /// It is broken, but not for long enough.
    Pending,
    /// It is broken.
    Raised,
    /// There is nothing to measure now.
    Unknown,
}

/// What a check says of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CheckState {
    /// The name of the check.
    pub check: String,
    /// Who must act.
    pub category: Category,
    /// How it stands.
    pub status: CheckStatus,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// What was measured last.
    pub value: Option<f64>,
    /// The unit of that.
    pub unit: String,
    /// The bound that should hold.
    pub bound: Bound,
    /// Where the way out is described.
    pub runbook: String,
    /// What is done by itself while it is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Heal>,
    /// Since when it has stood so.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    pub since: SystemTime,
}

/// What all checks say now. A clone is a handle to the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entries: Mutex<BTreeMap<Place, Entry>>,
    /// When the checks had been asked last.
    judged: Mutex<Option<Instant>>,
    findings: watch::Sender<Arc<Vec<Finding>>>,
}

/// Check, topology, component.
type Place = (String, Option<String>, Option<String>);

#[derive(Debug)]
struct Entry {
    state: CheckState,
    broken_since: Option<Instant>,
    well_since: Option<Instant>,
    finding: Option<Finding>,
}

impl Default for Board {
    fn default() -> Self {
        let findings = watch::Sender::new(Arc::new(Vec::new()));
        Self(Arc::new(Inner { entries: Mutex::default(), judged: Mutex::default(), findings }))
    }
}

impl Board {
    /// What everybody should look into, the worst first.
    pub(crate) fn findings(&self) -> Arc<Vec<Finding>> {
        Arc::clone(&self.0.findings.borrow())
    }

    /// The same, and what becomes of it.
    pub(crate) fn follow(&self) -> watch::Receiver<Arc<Vec<Finding>>> {
        self.0.findings.subscribe()
    }

    /// What every check says of every thing.
    pub(crate) fn states(&self) -> Vec<CheckState> {
        self.0.lock().values().map(|entry| entry.state.clone()).collect()
    }

    /// The time since the checks answered; none before they have.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        let judged = *self.0.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.map(|judged| now.saturating_duration_since(judged))
    }

    /// Takes what the checks have measured, each with its readings; what none of them measured goes away in time.
    pub(crate) fn judge(&self, now: Instant, measured: Vec<(&Check, Vec<Reading>)>, journal: &Journal) {
        let mut entries = self.0.lock();
        let mut is_measured: Vec<Place> = Vec::new();
        for (check, readings) in measured {
            if readings.is_empty() {
                is_measured.extend(unknown(&mut entries, check));
            }
            for reading in readings {
                let place = (check.name().to_owned(), reading.topology.clone(), reading.component.clone());
                let entry = entries.entry(place.clone()).or_insert_with(|| Entry::new(check, &place));
                entry.judge(now, check, reading, journal);
                is_measured.push(place);
            }
        }
        entries.retain(|place, entry| {
            is_measured.contains(place) || entry.finding.is_some() && !entry.calms(now, journal)
        });
        let mut findings: Vec<Finding> = entries.values().filter_map(|entry| entry.finding.clone()).collect();
        drop(entries);
        *self.0.judged.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        findings.sort_by_key(Finding::rank);
        self.0.findings.send_replace(Arc::new(findings));
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Place, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A check that has nothing to measure stands on the board all the same; a finding of its own goes away in time.
fn unknown(entries: &mut BTreeMap<Place, Entry>, check: &Check) -> Option<Place> {
    let place = (check.name().to_owned(), None, None);
    let entry = entries.entry(place.clone()).or_insert_with(|| Entry::new(check, &place));
    if entry.finding.is_some() {
        return None;
    }
    entry.state.value = None;
    entry.stands(CheckStatus::Unknown);
    Some(place)
}

impl Entry {
    fn new(check: &Check, (_, topology, component): &Place) -> Self {
        let state = CheckState {
            check: check.name().to_owned(),
            category: check.category,
            status: CheckStatus::Unknown,
            topology: topology.clone(),
            component: component.clone(),
            value: None,
            unit: check.unit.to_string(),
            bound: check.bound,
            runbook: check.runbook_link(),
            action: check.heal.clone(),
            since: SystemTime::now(),
        };
        Self { state, broken_since: None, well_since: None, finding: None }
    }

    fn judge(&mut self, now: Instant, check: &Check, reading: Reading, journal: &Journal) {
        self.state.value = Some(reading.value);
        (self.state.bound, self.state.category) = (check.bound, check.category);
        (self.state.runbook, self.state.action) = (check.runbook_link(), check.heal.clone());
        if !check.bound.is_broken_by(reading.value) {
            self.broken_since = None;
            if self.finding.is_none() || self.calms(now, journal) {
                self.stands(CheckStatus::Ok);
            }
            return;
        }
        self.well_since = None;
        let since = *self.broken_since.get_or_insert(now);
        if self.finding.is_none() && now.saturating_duration_since(since) < check.lasting {
            self.stands(CheckStatus::Pending);
            return;
        }
        self.stands(CheckStatus::Raised);
        let finding = Finding::new(check, reading, self.state.since);
        if self.finding.is_none() {
            journal.write(finding.event("finding_raised", finding.sentence.clone()));
        }
        self.finding = Some(finding);
    }

    fn stands(&mut self, status: CheckStatus) {
        if self.state.status != status {
            self.state.status = status;
            self.state.since = SystemTime::now();
        }
    }

    /// All is well; returns whether it has been for long enough, and if so lets the finding go.
    fn calms(&mut self, now: Instant, journal: &Journal) -> bool {
        let since = *self.well_since.get_or_insert(now);
        let is_calm = now.saturating_duration_since(since) >= CALM;
        if is_calm && let Some(finding) = self.finding.take() {
            let sentence = format!("no more: {}", finding.sentence);
            journal.write(finding.event("finding_cleared", sentence));
        }
        is_calm
    }
}

impl CheckState {
    /// The same for the same thing, and that of its finding: `bottleneck/word-count/split`.
    pub fn id(&self) -> String {
        let place = [self.topology.as_deref(), self.component.as_deref()];
        place.iter().flatten().fold(self.check.clone(), |id, part| format!("{id}/{part}"))
    }
}

#[cfg(test)]
mod tests;
