//! [`Capacity`]: how many activities a second can be done, and how that is known.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use super::smoothed::Smoothed;

/// What an activity takes of a core besides its enrichments, about. It serves until something is measured.
const OWN_COST: Duration = Duration::from_micros(20);

/// Fewer looks in a row say nothing.
const LOOKS: u32 = 3;

/// Whoever is slower than this share of the limit is not kept back by the limit.
const SHARE_OF_LIMIT: f64 = 0.9;

/// How long counts what was measured.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// What was measured is kept in pieces of this length.
const PIECE: Duration = Duration::from_secs(60);

/// How many activities a second can be done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Capacity {
    pub(crate) per_s: f64,
    pub(crate) from: CapacityFrom,
}

/// How the capacity is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapacityFrom {
    /// The configuration limits it.
    Limit,
    /// So many were done while more waited: now, or at most in the last quarter of an hour. It stands in place of a
    /// limit that is not reached although more waits.
    Measured,
    /// Nothing had to wait yet: it is computed from what the enrichers declare, and the cores.
    #[default]
    Estimated,
}

impl fmt::Display for CapacityFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limit => "limit",
            Self::Measured => "measured",
            Self::Estimated => "estimated",
        })
    }
}

/// What was done while more waited.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Since more waits, without a break, and the looks since.
    now: (Smoothed, u32),
    /// The most in each of the last pieces of time, with their beginnings.
    most: VecDeque<(Instant, f64)>,
}

impl Measured {
    /// What was done in so many seconds, and whether more waited all the while.
    pub(super) fn add(&mut self, at: Instant, per_s: f64, seconds: f64, more_waits: bool) {
        if !more_waits {
            self.now = Default::default();
            return;
        }
        self.now.0.add(per_s, seconds);
        self.now.1 = self.now.1.saturating_add(1);
        let Some(now) = self.now() else { return };
        while self.most.front().is_some_and(|(began, _)| at.duration_since(*began) > MEMORY) {
            self.most.pop_front();
        }
        match self.most.back_mut().filter(|(began, _)| at.duration_since(*began) < PIECE) {
            Some((_, most)) => *most = most.max(now),
            None => self.most.push_back((at, now)),
        }
    }

    /// What is done now, if more waits.
    fn now(&self) -> Option<f64> {
        (self.now.1 >= LOOKS).then(|| self.now.0.get())
    }

    fn best(&self) -> Option<f64> {
        self.most.iter().map(|(_, most)| *most).reduce(f64::max)
    }

    /// What can be done, where so much is done now and the configuration limits it to so much, if it does.
    pub(super) fn capacity(&self, limit: Option<f64>, estimate: f64, done_per_s: f64) -> Capacity {
        let measured = |per_s| Capacity { per_s, from: CapacityFrom::Measured };
        match (limit, self.now(), self.best()) {
            (Some(limit), Some(now), _) if now < limit * SHARE_OF_LIMIT => measured(now),
            (Some(per_s), ..) => Capacity { per_s, from: CapacityFrom::Limit },
            (None, Some(now), _) => measured(now),
            // What was done can be done.
            (None, None, Some(best)) => measured(best.max(done_per_s)),
            (None, None, None) => Capacity { per_s: estimate.max(done_per_s), from: CapacityFrom::Estimated },
        }
    }
}

/// What is known of an enricher beforehand, and what was seen of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    /// The time of a core that an answer takes.
    pub(super) cost: Duration,
    /// Answers under way at once.
    pub(super) concurrency: usize,
    /// The mean time to an answer, in seconds, where it had to be waited for.
    pub(super) waited_s: Option<f64>,
    /// The share of activities about which it is asked, from 0 to 1.
    pub(super) share: f64,
}

/// What so many cores can do a second: until they have no time, or an enricher cannot be asked more often.
pub(super) fn estimate(cores: usize, enrichers: &[Costs]) -> f64 {
    let asked = enrichers.iter().map(|of| of.cost.as_secs_f64() * of.share);
    let computed = cores as f64 / (OWN_COST.as_secs_f64() + asked.sum::<f64>());
    let answered = enrichers.iter().filter_map(|of| {
        let busy = of.waited_s? * of.share;
        (busy > 0.0).then(|| of.concurrency as f64 / busy)
    });
    answered.fold(computed, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(seconds: u64, per_s: f64) -> (Measured, Instant) {
        let (mut measured, start) = (Measured::default(), Instant::now());
        (0..seconds).for_each(|second| measured.add(start + Duration::from_secs(second), per_s, 1.0, true));
        (measured, start)
    }

    #[test]
    fn what_is_done_while_more_waits_is_the_capacity_and_is_remembered_for_a_while() {
        let (mut measured, start) = measured(10, 8_000.0);
        let capacity = measured.capacity(None, 50_000.0, 8_000.0);
        assert_eq!(capacity.from, CapacityFrom::Measured);
        assert!((capacity.per_s - 8_000.0).abs() < 1e-6);

        measured.add(start + Duration::from_secs(10), 100.0, 1.0, false);
        assert!((measured.capacity(None, 50_000.0, 100.0).per_s - 8_000.0).abs() < 1e-6);

        // An outage is the truth while it lasts.
        let later = start + Duration::from_secs(30 * 60);
        (0..5).for_each(|second| measured.add(later + Duration::from_secs(second), 0.0, 1.0, true));
        assert_eq!(measured.capacity(None, 50_000.0, 0.0).per_s, 0.0);
        assert_eq!(measured.best(), Some(0.0), "what was half an hour ago is forgotten");
    }

    #[test]
    fn a_limit_counts_unless_it_is_not_reached_although_more_waits() {
        let capacity = |seconds, per_s| measured(seconds, per_s).0.capacity(Some(20_000.0), 1.0, per_s);

        assert_eq!(capacity(0, 0.0), Capacity { per_s: 20_000.0, from: CapacityFrom::Limit });
        assert_eq!(capacity(10, 19_500.0), Capacity { per_s: 20_000.0, from: CapacityFrom::Limit });
        assert_eq!(capacity(2, 100.0).from, CapacityFrom::Limit, "two looks say nothing");
        assert_eq!(capacity(10, 9_000.0).from, CapacityFrom::Measured);
    }

    #[test]
    fn before_anything_waited_the_cost_decides_or_who_cannot_be_asked_more_often() {
        let computes = Costs { cost: Duration::from_micros(20), concurrency: 2, waited_s: None, share: 1.0 };
        assert_eq!(estimate(2, &[computes]).round(), 50_000.0);
        assert_eq!(estimate(2, &[Costs { share: 0.0, ..computes }]).round(), 100_000.0);

        let waits = Costs { cost: Duration::ZERO, concurrency: 64, waited_s: Some(0.01), share: 0.5 };
        assert_eq!(estimate(2, &[computes, waits]).round(), 12_800.0);

        let capacity = Measured::default().capacity(None, 10.0, 300.0);
        assert_eq!(capacity, Capacity { per_s: 300.0, from: CapacityFrom::Estimated });
    }
}
