//! [`Recent`]: how long something took lately.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use squall::Latency;

/// As far back as is looked.
const SPAN: Duration = Duration::from_secs(60);

/// How often is noted what was counted by then.
const STEP: Duration = Duration::from_secs(5);

/// What was counted at moments of the last minute, of several things in one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<(Instant, Vec<Latency>)>);

impl Recent {
    /// Notes what is counted now.
    pub(super) fn look(&mut self, at: Instant, counted: impl FnOnce() -> Vec<Latency>) {
        let since = |then: &Instant| at.saturating_duration_since(*then);
        if self.0.back().is_some_and(|(newest, _)| since(newest) < STEP) {
            return;
        }
        // The oldest one that is kept may be as old as the span.
        while self.0.get(1).is_some_and(|(second, _)| since(second) >= SPAN) {
            self.0.pop_front();
        }
        self.0.push_back((at, counted()));
    }

    /// What took place in the last minute of what was counted since the beginning; `of` is its place among the things.
    pub(super) fn since(&self, of: usize, counted: &Latency) -> Latency {
        let then = self.0.front().and_then(|(_, then)| then.get(of));
        then.map_or_else(|| counted.clone(), |then| counted.since(then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::times::Times;

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let (times, mut recent, start) = (Times::default(), Recent::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        recent.look(at(0), || vec![times.latency()]);
        times.note(Duration::from_secs(2));
        recent.look(at(1), || panic!("it was noted a second ago"));
        assert_eq!(recent.since(0, &times.latency()).count(), 1);

        (5..90).for_each(|second| recent.look(at(second), || vec![times.latency()]));
        times.note(Duration::from_micros(1));

        let lately = recent.since(0, &times.latency());
        assert_eq!((lately.count(), lately.quantile(0.99)), (1, Some(1e-6)));
    }
}
