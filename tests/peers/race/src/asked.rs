//! What is asked of Squall, beside the others.

use crate::{
    contestant::{Runner, Tracking},
    record::{RateSeries, Record},
};

/// A ratio of medians that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Of what.
    pub(crate) what: String,
    /// The bound.
    pub(crate) bound: Bound,
    /// What was measured, or why nothing was.
    pub(crate) measured: Result<f64, &'static str>,
}

/// How large a ratio is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Asked {
    /// Whether it was measured and is as asked.
    pub(crate) fn is_met(&self) -> bool {
        match (self.bound, &self.measured) {
            (Bound::AtLeast(bound), Ok(measured)) => *measured >= bound,
            (Bound::AtMost(bound), Ok(measured)) => *measured <= bound,
            (_, Err(_)) => false,
        }
    }
}

/// All that is asked.
pub(crate) fn all(record: &Record) -> Vec<Asked> {
    let mut all = vec![
        by_storm(record, "const-id-null", 10.0),
        by_storm(record, "word-count", 8.0),
        Asked {
            what: "word-count, per batch of 64: tuples/s ÷ timely, untracked".to_owned(),
            bound: Bound::AtLeast(0.3),
            measured: ratio(
                record.flow("word-count", true, Runner::Squall, Tracking::Batch).map(|spread| spread.median),
                record.flow("word-count", true, Runner::Timely, Tracking::None).map(|spread| spread.median),
            ),
        },
    ];
    let mut rates: Vec<u64> = record.rates.iter().map(|series| series.per_second).collect();
    rates.dedup();
    all.extend(rates.into_iter().map(|per_second| lateness(record, per_second)));
    all
}

fn by_storm(record: &Record, case: &str, bound: f64) -> Asked {
    Asked {
        what: format!("{case}, per tuple: tuples/s ÷ Storm, tuned"),
        bound: Bound::AtLeast(bound),
        measured: ratio(
            record.flow(case, true, Runner::Squall, Tracking::Tuple).map(|spread| spread.median),
            record.flow(case, true, Runner::StormTuned, Tracking::Tuple).map(|spread| spread.median),
        ),
    }
}

fn lateness(record: &Record, per_second: u64) -> Asked {
    let what = format!("{per_second} tuples/s, per tuple: p99 ÷ Storm, tuned");
    let p99 = |series: &RateSeries| series.micros(|run| run.p99_us).map(|spread| spread.median);
    let squall = record.rate(per_second, Runner::Squall);
    let storm = record.rate(per_second, Runner::StormTuned);
    let is_sustained = |series: Option<&RateSeries>| series.is_some_and(RateSeries::is_sustained);
    let measured = if !is_sustained(squall) {
        Err("Squall does not sustain this rate")
    } else if !is_sustained(storm) {
        Err("Storm does not sustain this rate")
    } else {
        ratio(squall.and_then(p99), storm.and_then(p99))
    };
    Asked { what, bound: Bound::AtMost(0.1), measured }
}

fn ratio(one: Option<f64>, other: Option<f64>) -> Result<f64, &'static str> {
    one.zip(other).map(|(one, other)| one / other).ok_or("not measured")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(bound: Bound, measured: Result<f64, &'static str>) -> Asked {
        Asked { what: "a by b".to_owned(), bound, measured }
    }

    #[test]
    fn a_ratio_is_met_at_its_bound_and_beyond() {
        assert!(asked(Bound::AtLeast(10.0), Ok(10.0)).is_met());
        assert!(!asked(Bound::AtLeast(10.0), Ok(9.9)).is_met());
        assert!(asked(Bound::AtMost(0.1), Ok(0.1)).is_met());
        assert!(!asked(Bound::AtMost(0.1), Ok(0.2)).is_met());
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        assert!(!asked(Bound::AtMost(0.1), ratio(None, Some(1.0))).is_met());
    }
}
