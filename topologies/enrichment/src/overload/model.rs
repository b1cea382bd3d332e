//! [`Model`]: from what was counted to when all will be done. It has no clock: it is told the time.

use std::time::{Duration, Instant};

use super::capacity::{Capacity, Measured};
use super::curve::{Curve, Point};
use super::smoothed::Smoothed;

/// What takes longer than this does not end.
const NEVER: f64 = 365.0 * 86_400.0;

/// Fewer records than this wait by chance: they are on their way.
const LEAST_WAITING: f64 = 100.0;

/// Waiting for an answer takes seconds at most. Who waits longer does so because too much is asked, or nothing answers.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// What was counted at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) at: Instant,
    /// Milliseconds since 1970.
    pub(super) at_ms: u64,
    /// Records that are not done.
    pub(super) records: u64,
    /// Those of them that wait for answers.
    pub(super) parked: u64,
    pub(super) age: Option<Duration>,
    pub(super) arrived: Option<u64>,
    pub(super) done: u64,
    /// What could be done a second if nothing was measured.
    pub(super) estimate: f64,
}

/// What there is to do, and what is done, over time.
#[derive(Clone, Debug)]
pub(super) struct Model {
    limit: Option<f64>,
    last: Option<Look>,
    arriving: Smoothed,
    doing: Smoothed,
    measured: Measured,
    curve: Curve,
}

/// How things stand at the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Standing {
    pub(super) records: u64,
    pub(super) age: Duration,
    pub(super) in_per_s: f64,
    pub(super) out_per_s: f64,
    pub(super) capacity: Capacity,
    /// What could be done beyond what arrives; below 0 if more arrives than can be done.
    pub(super) spare_per_s: f64,
    /// Seconds until nothing is left to do; none if that never is so at this rate.
    pub(super) drain_s: Option<f64>,
}

impl Model {
    /// One of what can do so many records a second at most, if that is limited.
    pub(super) fn new(limit: Option<f64>) -> Self {
        Self {
            limit,
            last: None,
            arriving: Smoothed::default(),
            doing: Smoothed::default(),
            measured: Measured::default(),
            curve: Curve::default(),
        }
    }

    /// Takes in what is counted now.
    pub(super) fn look(&mut self, look: Look) {
        let (in_per_s, out_per_s) = self.last.map_or((0.0, 0.0), |last| self.since(last, look));
        self.last = Some(look);
        let (in_per_s, out_per_s) = (in_per_s.round(), out_per_s.round());
        let point = Point { at_ms: look.at_ms, backlog: look.records, in_per_s, out_per_s };
        self.curve.push(look.at, look.done.saturating_add(look.records), point);
    }

    /// What arrived and what was done a second since the look before.
    fn since(&mut self, last: Look, look: Look) -> (f64, f64) {
        let seconds = look.at.saturating_duration_since(last.at).as_secs_f64();
        if seconds <= 0.0 {
            return (self.arriving.get(), self.doing.get());
        }
        let done = look.done.saturating_sub(last.done);
        let arrived = match (look.arrived, last.arrived) {
            (Some(now), Some(then)) => now.saturating_sub(then),
            _ => done.saturating_add(look.records).saturating_sub(last.records),
        };
        let (in_per_s, out_per_s) = (arrived as f64 / seconds, done as f64 / seconds);
        self.arriving.add(in_per_s, seconds);
        self.doing.add(out_per_s, seconds);
        let usual = self.doing.get();
        let more_waits = last.has_more_than(usual) && look.has_more_than(usual);
        self.measured.add(look.at, out_per_s, seconds, more_waits);
        (in_per_s, out_per_s)
    }

    /// How things stand; none before the first look.
    pub(super) fn standing(&self) -> Option<Standing> {
        let look = self.last?;
        let (in_per_s, out_per_s) = (self.arriving.get(), self.doing.get());
        let capacity = self.measured.capacity(self.limit, look.estimate, out_per_s);
        let spare_per_s = capacity.per_s - in_per_s;
        let age = look.age.unwrap_or_else(|| self.curve.age(look.at, look.done));
        Some(Standing {
            records: look.records,
            age: if look.records > 0 { age } else { Duration::ZERO },
            in_per_s,
            out_per_s,
            capacity,
            spare_per_s,
            drain_s: drain(look.records, spare_per_s),
        })
    }

    pub(super) fn curve(&self) -> &Curve {
        &self.curve
    }
}

impl Look {
    /// Whether more waits than is done in a second, where so much is done. That answers take a while is no backlog.
    fn has_more_than(&self, per_s: f64) -> bool {
        let answered = (self.parked as f64).min(per_s * ANSWERED_WITHIN.as_secs_f64());
        let waiting = self.records as f64 - answered;
        waiting >= LEAST_WAITING && waiting > per_s
    }
}

/// Seconds until so many records are done with what can be done beyond what arrives.
fn drain(records: u64, spare_per_s: f64) -> Option<f64> {
    if records == 0 {
        return Some(0.0);
    }
    let seconds = records as f64 / spare_per_s;
    (spare_per_s > 0.0 && seconds <= NEVER).then_some(seconds)
}

#[cfg(test)]
mod tests;
