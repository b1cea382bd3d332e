//! [`Weekly`]: a bound that is another one every hour of the week.

use std::time::{SystemTime, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hours of a day.
const DAY: usize = 24;

/// Hours of a week.
pub(crate) const HOURS_OF_WEEK: usize = 7 * DAY;

/// From Monday 00:00 to the beginning of 1970, which was a Thursday.
const THURSDAY: i64 = 3 * 24;

/// `[checks.NAME.weekly]`: the bound by the hour of the week, in UTC. A day is 24 numbers, from midnight on; on a day that
/// is left out `above` or `below` of the check holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Weekly {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mon: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tue: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wed: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thu: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fri: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sat: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sun: Vec<f64>,
}

/// The days as the configuration names them.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Weekly {
    /// The bound of an hour of the week, if its day has one.
    pub(super) fn at(&self, hour: usize) -> Option<f64> {
        self.days().get(hour / DAY).and_then(|day| day.get(hour % DAY)).copied()
    }

    /// The day that is not as it must be, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        DAYS.into_iter().zip(self.days()).find_map(|(name, day)| {
            if !day.is_empty() && day.len() != DAY {
                let why = format!("expected 24 numbers, one an hour of the day in UTC, found {}", day.len());
                return Some((name, why));
            }
            let odd = day.iter().find(|bound| !bound.is_finite())?;
            Some((name, format!("expected numbers, found {odd}")))
        })
    }

    /// The bounds of these days, Monday first.
    #[cfg(feature = "history")]
    pub(crate) fn of([mon, tue, wed, thu, fri, sat, sun]: [Vec<f64>; 7]) -> Self {
        Self { mon, tue, wed, thu, fri, sat, sun }
    }

    /// The bounds of each day, with its name.
    #[cfg(feature = "history")]
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &Vec<f64>)> {
        DAYS.into_iter().zip(self.days())
    }

    fn days(&self) -> [&Vec<f64>; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}

/// The hour of the week of an instant, in UTC: 0 is Monday from 00:00 to 01:00.
pub(crate) fn hour_of_week(at: SystemTime) -> usize {
    let hours = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 3_600);
    hour_of_week_since_1970(i64::try_from(hours).unwrap_or_default())
}

/// The same for an hour that is counted from 1970 on.
pub(crate) fn hour_of_week_since_1970(hour: i64) -> usize {
    usize::try_from((hour + THURSDAY).rem_euclid(HOURS_OF_WEEK as i64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_utc() {
        let at = |text: &str| hour_of_week(humantime::parse_rfc3339(text).unwrap());

        assert_eq!(at("2026-11-16T00:00:00Z"), 0);
        assert_eq!(at("2026-11-16T23:59:59Z"), 23);
        assert_eq!(at("2026-11-22T23:00:00Z"), 7 * DAY - 1);
    }
}
