//! [`Past`]: what was measured of one series.

use std::collections::BTreeMap;

use crate::store::{Hour, MINUTES, Series};

/// What was measured of one series, by the minute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// By the hour since 1970, the oldest first.
    hours: Vec<(i64, Hour)>,
}

impl Past {
    /// What was measured of each series; the rows come oldest first.
    pub(crate) fn of_all(rows: Vec<(i64, Series, Hour)>) -> BTreeMap<Series, Self> {
        let mut all: BTreeMap<Series, Self> = BTreeMap::new();
        for (hour, series, minutes) in rows {
            all.entry(series).or_default().hours.push((hour, minutes));
        }
        all
    }

    /// The hours since 1970 in which something was measured, the oldest first.
    pub(super) fn hours(&self) -> &[(i64, Hour)] {
        &self.hours
    }

    /// The first hour and the last.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        self.hours.first().zip(self.hours.last()).map(|((first, _), (last, _))| (*first, *last))
    }

    /// What was measured, with its minute since 1970, the oldest first.
    pub(super) fn minutes(&self) -> impl Iterator<Item = (i64, f64)> {
        self.hours
            .iter()
            .flat_map(|(hour, minutes)| {
                let from = hour * MINUTES as i64;
                (from..).zip(minutes).map(|(minute, value)| (minute, f64::from(*value)))
            })
            .filter(|(_, value)| value.is_finite())
    }
}

#[cfg(test)]
impl Past {
    /// Of these hours, the oldest first.
    pub(super) fn of(hours: Vec<(i64, Hour)>) -> Self {
        Self { hours }
    }
}
