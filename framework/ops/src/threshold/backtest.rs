//! [`Backtest`]: what a bound would have raised in the past.

use super::past::Past;
use crate::check::{CheckSettings, hour_of_week_since_1970};
use crate::store::MINUTES;

/// What a bound would have raised in the past.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Backtest {
    /// Minutes in which something was measured.
    pub(crate) minutes: usize,
    /// The oldest first.
    pub(crate) raises: Vec<Raise>,
}

/// The bound was broken minute after minute, for as long as the check says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raise {
    /// The first minute in which it was broken, since 1970.
    pub(crate) since: i64,
    /// How many minutes it was broken.
    pub(crate) minutes: usize,
    /// The number that was furthest off.
    pub(crate) worst: f64,
}

impl Backtest {
    /// Holds a check against the past, hour of the week by hour of the week. A minute in which nothing was measured is the
    /// end of what was broken before.
    pub(crate) fn of(check: &CheckSettings, past: &Past) -> Self {
        let bounds: Vec<_> = check.week().collect();
        let lasting = check.lasting.map_or(1, |lasting| lasting.as_secs().div_ceil(60).max(1));
        let mut test = Self::default();
        let mut run: Option<Raise> = None;
        for (minute, value) in past.minutes() {
            test.minutes += 1;
            let hour = hour_of_week_since_1970(minute.div_euclid(MINUTES as i64));
            let bound = bounds.get(hour).copied().flatten();
            run = run.filter(|run| minute == run.since + run.minutes as i64).or_else(|| {
                test.end(run, lasting);
                None
            });
            if bound.is_none_or(|bound| !bound.is_broken_by(value)) {
                test.end(run.take(), lasting);
                continue;
            }
            let raise = run.get_or_insert(Raise { since: minute, minutes: 0, worst: value });
            raise.minutes += 1;
            let is_worse = check.above.map_or(value < raise.worst, |_| value > raise.worst);
            raise.worst = if is_worse { value } else { raise.worst };
        }
        test.end(run, lasting);
        test
    }

    fn end(&mut self, run: Option<Raise>, lasting: u64) {
        self.raises.extend(run.filter(|run| run.minutes as u64 >= lasting));
    }

    /// The share of the measured minutes in which the bound was broken for long enough, 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        let raised: usize = self.raises.iter().map(|raise| raise.minutes).sum();
        if self.minutes == 0 { 0.0 } else { raised as f64 / self.minutes as f64 }
    }
}
