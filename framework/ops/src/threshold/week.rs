//! [`Week`]: what is usual in each hour of the week.

use super::past::Past;
use super::usual::Usual;
use crate::check::HOURS_OF_WEEK;
use crate::check::hour_of_week_since_1970;

/// An hour counts if so many of its minutes were measured.
const LEAST_MINUTES: usize = 30;

/// So many weeks must be known of an hour before anything is called usual in it.
pub(super) const LEAST_WEEKS: usize = 3;

/// What is usual in each hour of the week.
#[derive(Clone, Debug)]
pub(crate) struct Week {
    hours: Vec<OfHour>,
}

#[derive(Clone, Debug, Default)]
struct OfHour {
    weeks: usize,
    usual: Option<Usual>,
}

impl Week {
    pub(super) fn of(past: &Past) -> Self {
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); HOURS_OF_WEEK];
        let mut weeks = vec![0; HOURS_OF_WEEK];
        for (hour, minutes) in past.hours() {
            let measured = minutes.iter().map(|value| f64::from(*value)).filter(|value| value.is_finite());
            let measured: Vec<f64> = measured.collect();
            let hour = hour_of_week_since_1970(*hour);
            let (Some(values), Some(weeks)) = (values.get_mut(hour), weeks.get_mut(hour)) else { continue };
            if measured.len() >= LEAST_MINUTES {
                values.extend(measured);
                *weeks += 1;
            }
        }
        let hours = weeks.into_iter().zip(values).map(|(weeks, values)| {
            let usual = (weeks >= LEAST_WEEKS).then(|| Usual::of(values)).flatten();
            OfHour { weeks, usual }
        });
        Self { hours: hours.collect() }
    }

    /// What is usual in each hour, Monday 00:00 first; `None` where too little is known.
    pub(super) fn usual(&self) -> impl Iterator<Item = Option<&Usual>> {
        self.hours.iter().map(|hour| hour.usual.as_ref())
    }

    /// Of most of the hours in which something was measured it is known what is usual.
    pub(super) fn is_known(&self) -> bool {
        let known = self.usual().flatten().count();
        known > 0 && 2 * known >= self.hours.iter().filter(|hour| hour.weeks > 0).count()
    }

    /// The most weeks in which one of its hours was measured.
    pub(super) fn weeks(&self) -> usize {
        self.hours.iter().map(|hour| hour.weeks).max().unwrap_or_default()
    }

    /// The least and the largest median.
    pub(super) fn medians(&self) -> Option<(f64, f64)> {
        let medians = || self.usual().flatten().map(|usual| usual.median);
        medians().reduce(f64::min).zip(medians().reduce(f64::max))
    }
}
