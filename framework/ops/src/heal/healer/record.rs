//! [`Record`]: what was done because of a check, and when.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use crate::heal::Heal;

/// What was done because of a check, and when.
#[derive(Debug, Default)]
pub(super) struct Record {
    times: VecDeque<Instant>,
    /// By finding.
    last: BTreeMap<String, Instant>,
}

impl Record {
    /// Whether what was done about the finding has had its time to help.
    pub(super) fn is_time(&self, now: Instant, finding: &str, heal: &Heal) -> bool {
        self.last.get(finding).is_none_or(|last| now.saturating_duration_since(*last) >= heal.every)
    }

    /// Whether no more may be done within the window.
    pub(super) fn is_spent(&mut self, now: Instant, heal: &Heal) -> bool {
        let is_old = |at: &Instant| now.saturating_duration_since(*at) >= heal.window;
        while self.times.front().is_some_and(is_old) {
            self.times.pop_front();
        }
        self.last.retain(|_, last| now.saturating_duration_since(*last) < heal.every.max(heal.window));
        self.times.len() >= heal.most
    }

    /// Something was done about the finding.
    pub(super) fn note(&mut self, now: Instant, finding: &str) {
        self.times.push_back(now);
        self.last.insert(finding.to_owned(), now);
    }
}
