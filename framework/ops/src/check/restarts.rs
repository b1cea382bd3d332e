//! `restarts`: tasks that are rebuilt again and again.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use super::{Bound, Check, Probe, Reading, View};

/// The time in which restarts count.
const WINDOW: Duration = Duration::from_secs(600);

pub(super) fn check() -> Check {
    Check::new("restarts", Bound::Above(3.0), Restarts::default())
        .unit("restarts in 10 min")
        .lasting(Duration::from_secs(1))
        .what_to_do("look at its errors: what panics will do so again")
        .runbook("#restarts")
}

/// Remembers when there were how many restarts of a component.
#[derive(Debug, Default)]
struct Restarts {
    seen: BTreeMap<(&'static str, String), VecDeque<(SystemTime, u64)>>,
}

impl Probe for Restarts {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let now = view.seen.at;
        let mut readings = Vec::new();
        let mut seen = BTreeMap::new();
        for topology in &view.seen.topologies {
            for component in &topology.status.components {
                let place = (topology.name, component.name.clone());
                let mut counts = self.seen.remove(&place).unwrap_or_default();
                let more = count(&mut counts, now, component.restarts);
                seen.insert(place, counts);
                let newest = component.errors.iter().max_by(|one, other| one.last.total_cmp(&other.last));
                let said = newest
                    .map_or_else(String::new, |error| format!("; the newest error is: {}", error.message));
                let sentence = format!(
                    "tasks of `{}` were rebuilt {more} times in the last 10 minutes{said}",
                    component.name
                );
                readings
                    .push(Reading::new(more as f64).about(topology.name, &component.name).sentence(sentence));
            }
        }
        self.seen = seen;
        readings
    }
}

/// Notes how many there are now, and says how many more than at the beginning of the window that is. Only changes are
/// kept, so that ten minutes of peace take no room.
fn count(counts: &mut VecDeque<(SystemTime, u64)>, now: SystemTime, restarts: u64) -> u64 {
    // One that started anew counts anew.
    if counts.back().is_none_or(|(_, last)| restarts < *last) {
        *counts = VecDeque::from([(now, restarts)]);
    }
    if counts.back().is_some_and(|(_, last)| restarts > *last) {
        counts.push_back((now, restarts));
    }
    let is_old = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age >= WINDOW);
    while counts.get(1).is_some_and(|(at, _)| is_old(*at)) {
        counts.pop_front();
    }
    restarts - counts.front().map_or(restarts, |(_, first)| *first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_count_for_ten_minutes() {
        let (mut counts, start) = (VecDeque::new(), SystemTime::now());
        let mut at = |seconds, restarts| count(&mut counts, start + Duration::from_secs(seconds), restarts);

        assert_eq!(at(0, 2), 0, "those before the first look are over");
        assert_eq!(at(1, 5), 3);
        assert_eq!(at(300, 6), 4);
        assert_eq!(at(601, 6), 1);
        assert_eq!(at(900, 6), 0);
        assert_eq!(at(901, 1), 0, "it was started anew");
    }
}
