//! [`Span`]: the counters of a topology as they were, and as they are.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use squall_runtime::{ComponentStatus, Status};

/// The time over which rates are made: long enough to be calm, short enough to show what somebody just did.
const WIDTH: Duration = Duration::from_secs(10);

/// The looks at a topology in the last ten seconds.
#[derive(Debug)]
pub(crate) struct Span {
    /// How often it was started before.
    life: u64,
    looks: VecDeque<(Instant, Arc<Status>)>,
    latest: (Instant, Arc<Status>),
}

impl Span {
    /// One look is no span yet: all rates are zero.
    pub(crate) fn new(life: u64, at: Instant, status: Status) -> Self {
        Self { life, looks: VecDeque::new(), latest: (at, Arc::new(status)) }
    }

    /// Adds another look. One that started anew began to count anew.
    pub(crate) fn look(&mut self, life: u64, at: Instant, status: Status) {
        if self.life != life {
            *self = Self::new(life, at, status);
            return;
        }
        let before = std::mem::replace(&mut self.latest, (at, Arc::new(status)));
        if !have_same_tasks(&before.1, &self.latest.1) {
            // Time that other tasks took is no share of the time of these.
            self.looks.clear();
        }
        self.looks.push_back(before);
        while self.looks.get(1).is_some_and(|(next, _)| at.saturating_duration_since(*next) >= WIDTH) {
            self.looks.pop_front();
        }
    }

    pub(super) fn from(&self) -> &Arc<Status> {
        self.looks.front().map_or(&self.latest.1, |(_, status)| status)
    }

    pub(super) fn to(&self) -> &Arc<Status> {
        &self.latest.1
    }

    /// A component as it was at the beginning.
    pub(super) fn component(&self, name: &str) -> Option<&ComponentStatus> {
        self.from().component(name)
    }

    /// All looks, also the latest, at a component.
    pub(super) fn looks<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ComponentStatus> {
        self.looks.iter().chain([&self.latest]).filter_map(move |(_, status)| status.component(name))
    }

    pub(super) fn seconds(&self) -> f64 {
        let (to, _) = &self.latest;
        self.looks.front().map_or(0.0, |(from, _)| to.saturating_duration_since(*from).as_secs_f64())
    }

    /// What a counter counted, a second.
    pub(super) fn rate(&self, from: u64, to: u64) -> f64 {
        self.share(0.0, to.saturating_sub(from) as f64)
    }

    /// What a clock counted, a second: the share of the time. A clock that began anew says nothing.
    pub(super) fn share(&self, from: f64, to: f64) -> f64 {
        let seconds = self.seconds();
        if seconds > 0.0 { (to - from).max(0.0) / seconds } else { 0.0 }
    }
}

fn have_same_tasks(one: &Status, other: &Status) -> bool {
    let tasks =
        |status: &Status| status.components.iter().map(|component| component.tasks).collect::<Vec<_>>();
    tasks(one) == tasks(other)
}
