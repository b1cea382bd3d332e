//! [`Alerts`]: the newest alerts, and what people say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Alert, Answer, Counts};
use crate::finding::Finding;
use crate::instant::Moment;
use crate::store::Store;

/// How many alerts are kept.
pub(crate) const KEPT: u64 = 10_000;

/// The newest 10,000 alerts. A clone is a handle to the same alerts.
///
/// They are answered from memory; what is new is written to the [`Store`], if there is one, by a thread of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alerts(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    alerts: BTreeMap<u64, Alert>,
    /// The number of the alert of each finding that is raised, by the finding's id.
    open: BTreeMap<String, u64>,
    newest: u64,
    /// Not written yet.
    unwritten: BTreeSet<u64>,
    store: Option<Store>,
}

/// What a person reports that no check saw.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) sentence: String,
    pub(crate) topology: Option<String>,
    pub(crate) component: Option<String>,
    pub(crate) needed_a_person: bool,
    pub(crate) who: String,
}

impl Alerts {
    /// Goes on with what was kept, and keeps more there. What was raised when the process before ended is over.
    #[cfg(feature = "history")]
    pub(crate) fn go_on(&self, kept: Vec<Alert>, store: Store) {
        let mut all = self.lock();
        for mut alert in kept {
            if alert.cleared_at.is_none() {
                alert.cleared_at = Some(Moment::now());
                all.unwritten.insert(alert.id);
            }
            all.newest = all.newest.max(alert.id);
            all.alerts.insert(alert.id, alert);
        }
        all.store = Some(store);
    }

    /// What is raised now: each finding that was not raised before is an alert, and one that is raised no more is over.
    pub(crate) fn follow(&self, findings: &[Finding]) {
        let mut all = self.lock();
        for finding in findings {
            if !all.open.contains_key(&finding.id) {
                let id = all.add(|id| Alert::of(id, finding));
                all.open.insert(finding.id.clone(), id);
            }
        }
        let is_over = |id: &String| !findings.iter().any(|finding| finding.id == *id);
        let over: Vec<String> = all.open.keys().filter(|id| is_over(id)).cloned().collect();
        for finding in over {
            if let Some(id) = all.open.remove(&finding) {
                all.change(id, |alert| alert.cleared_at = Some(Moment::now()));
            }
        }
    }

    /// Somebody says what it was; `None` if there is no such alert.
    pub(crate) fn answer(&self, id: u64, answer: Answer) -> Option<Alert> {
        self.lock().change(id, |alert| alert.answer = Some(answer))
    }

    /// Somebody tells of a problem that no check saw.
    pub(crate) fn report(&self, report: Report) -> Alert {
        let mut all = self.lock();
        let now = Moment::now();
        let Report { sentence, topology, component, needed_a_person, who } = report;
        let answer = Answer { real: true, needed_a_person, note: String::new(), who, at: now };
        let made = Alert {
            id: 0,
            check: None,
            category: None,
            topology,
            component,
            sentence,
            raised_at: now,
            cleared_at: Some(now),
            answer: Some(answer),
        };
        let id = all.add(|id| Alert { id, ..made.clone() });
        Alert { id, ..made }
    }

    /// The alert with this number.
    pub(crate) fn one(&self, id: u64) -> Option<Alert> {
        self.lock().alerts.get(&id).cloned()
    }

    /// The newest that are wanted, newest first, at most `limit`.
    pub(crate) fn newest(&self, limit: usize, wanted: impl Fn(&Alert) -> bool) -> Vec<Alert> {
        self.lock().alerts.values().rev().filter(|alert| wanted(alert)).take(limit).cloned().collect()
    }

    /// How many lie in which of the three circles.
    pub(crate) fn counts(&self) -> Counts {
        Counts::of(self.lock().alerts.values())
    }

    /// Where they are kept, if anywhere.
    pub(crate) fn store(&self) -> Option<Store> {
        self.lock().store.clone()
    }

    /// What is not written yet; whoever takes it writes it, or [gives it back](Self::give_back).
    #[cfg(any(feature = "history", test))]
    pub(crate) fn take_unwritten(&self) -> Vec<Alert> {
        let mut all = self.lock();
        let ids = std::mem::take(&mut all.unwritten);
        ids.iter().filter_map(|id| all.alerts.get(id)).cloned().collect()
    }

    /// These could not be written.
    #[cfg(any(feature = "history", test))]
    pub(crate) fn give_back(&self, alerts: &[Alert]) {
        self.lock().unwritten.extend(alerts.iter().map(|alert| alert.id));
    }

    /// Nothing is kept any more but in memory: the data directory goes to somebody else.
    #[cfg(feature = "history")]
    pub(crate) fn leave_store(&self) {
        self.lock().store = None;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, alert: impl FnOnce(u64) -> Alert) -> u64 {
        self.newest += 1;
        let id = self.newest;
        self.alerts.insert(id, alert(id));
        self.unwritten.insert(id);
        while self.alerts.len() as u64 > KEPT {
            // Without a store nobody ever takes what is unwritten.
            let oldest = self.alerts.pop_first();
            oldest.map(|(id, _)| self.unwritten.remove(&id));
        }
        id
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut Alert)) -> Option<Alert> {
        let alert = self.alerts.get_mut(&id)?;
        change(alert);
        self.unwritten.insert(id);
        Some(alert.clone())
    }
}
