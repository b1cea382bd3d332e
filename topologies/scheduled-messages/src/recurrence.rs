//! Schedules that recur: cron on the clocks of a zone.
//!
//! # What is understood
//!
//! Five fields, or six with seconds in front: `[second] minute hour day month weekday`. Each takes `*`, numbers,
//! ranges `1-5`, lists `1,15`, and steps `*/10` and `10-50/10`.
//!
//! | beside that | in | means |
//! |---|---|---|
//! | `JAN` to `DEC` | month | 1 to 12 |
//! | `SUN` to `SAT` | weekday | 0 to 6; 7 is Sunday, too |
//! | `L` | day | the last one of the month |
//! | `15W` | day | the working day (Monday to Friday) nearest to the 15th, in the same month |
//! | `LW` | day | the last working day of the month |
//! | `FRI#2`, `FRI#L`, `5L` | weekday | the second, and the last, Friday of the month |
//! | `+MON` | weekday | the day must fit both fields; without `+`, either one, if both are given |
//! | `?` | day, weekday | the same as `*` |
//! | `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` | alone | as in cron |
//!
//! # The rule for hours that clocks skip or repeat
//!
//! A schedule that **names hours** (`30 2 * * *`, `*/15 9-17 * * *`) runs once for each of its times. A time that
//! clocks skip moves later by as much as they skip, as [that of a message](crate::when) does: 02:30 becomes 03:30. One
//! that they show twice is the first of the two. Two times that fall on one instant are one.
//!
//! A schedule that runs **in every hour** (`0 * * * *`, `*/10 * * * *`) runs whenever the clocks show one of its
//! times: in both of two hours that they show as the same, and not in one that they skip, since it did not pass.

mod catch_up;
mod cron;
mod search;

pub use catch_up::{CatchUp, MISSED, Made};
pub use cron::Cron;
pub use search::Occurrence;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::when::{self, Fault, Fold};

/// A schedule as it was asked for; nothing of it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// When it runs, such as `0 9 * * MON-FRI`.
    pub cron: Option<String>,
    /// The name of the zone in the IANA database whose clocks it follows.
    pub zone: Option<String>,
    /// What to make of occurrences that an outage left unmade: `all`, `latest` or `skip`.
    pub catch_up: Option<String>,
    /// The instant, or the wall time in `zone`, before which it does not run.
    pub from: Option<String>,
    /// The instant, or the wall time in `zone`, after which it does not run.
    pub until: Option<String>,
    /// After how many occurrences it ends.
    pub count: Option<u32>,
}

/// A schedule that recurs; see [the rules](self).
///
/// ```
/// use squall_scheduled_messages::recurrence::Asked;
///
/// let asked = Asked {
///     cron: Some("30 2 * * *".into()),
///     zone: Some("Europe/Berlin".into()),
///     ..Asked::default()
/// };
/// let daily = asked.check("2027-03-27T00:00:00Z".parse()?, jiff::tz::db()).unwrap();
/// let instants: Vec<_> = daily.after("2027-03-27T00:00:00Z".parse()?).take(3).map(|next| next.instant).collect();
/// assert_eq!(instants, [
///     "2027-03-27T02:30:00+01:00".parse()?,
///     "2027-03-28T03:30:00+02:00".parse()?, // there is no 02:30 on that day
///     "2027-03-29T02:30:00+02:00".parse()?,
/// ]);
/// # Ok::<_, jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// When it runs.
    pub cron: Cron,
    /// Whose clocks it follows.
    pub zone: TimeZone,
    /// What to make of occurrences that an outage left unmade.
    pub catch_up: CatchUp,
    /// The first instant at which it may run.
    pub from: Option<Timestamp>,
    /// The last instant at which it may run.
    pub until: Option<Timestamp>,
    /// After how many occurrences it ends.
    pub count: Option<u32>,
}

impl Asked {
    /// Makes a schedule of it that runs at least once from `now` on.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, at once.
    pub fn check(self, now: Timestamp, zones: &TimeZoneDatabase) -> Result<Recurrence, Vec<Fault>> {
        let cron = self.cron.ok_or_else(|| {
            "is missing; expected when the series runs, such as \"0 9 * * MON-FRI\"".to_owned()
        });
        let zone = self.zone.ok_or_else(|| {
            "is missing; expected the zone whose clocks the series follows, such as Europe/Berlin".to_owned()
        });
        let catch_up = self.catch_up.map_or(Ok(CatchUp::default()), |name| {
            CatchUp::parse(&name)
                .ok_or_else(|| "is unknown; expected \"all\", \"latest\" or \"skip\"".to_owned())
        });
        let count = match self.count {
            Some(0) => Err("is 0; expected after how many occurrences the series ends".to_owned()),
            count => Ok(count),
        };
        let cron = cron.and_then(|text| Cron::parse(&text));
        let zone = zone.and_then(|name| when::zone(&name, zones));
        let bound = |text: Option<String>| match (text, &zone) {
            // Without a zone, a wall time cannot be judged: what is wrong is the zone.
            (None, _) | (_, Err(_)) => Ok(None),
            (Some(text), Ok(zone)) => bound(&text, zone).map(Some),
        };
        let (from, until) = (bound(self.from), bound(self.until));
        match (cron, zone, catch_up, from, until, count) {
            (Ok(cron), Ok(zone), Ok(catch_up), Ok(from), Ok(until), Ok(count)) => {
                Recurrence { cron, zone, catch_up, from, until, count }.runs(now)
            }
            (cron, zone, catch_up, from, until, count) => {
                let faults = [
                    ("/cron", cron.err()),
                    ("/zone", zone.err()),
                    ("/catch_up", catch_up.err()),
                    ("/from", from.err()),
                    ("/until", until.err()),
                    ("/count", count.err()),
                ];
                Err(faults
                    .into_iter()
                    .filter_map(|(pointer, detail)| detail.map(|detail| (pointer, detail)))
                    .collect())
            }
        }
    }
}

impl Recurrence {
    /// Returns the first occurrence behind an instant, if there is one; `count` is not looked at.
    pub fn next_after(&self, after: Timestamp) -> Option<Occurrence> {
        let before_first = |from: Timestamp| from.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(from);
        let after = self.from.map_or(after, |from| after.max(before_first(from)));
        let next = search::next_after(&self.cron, &self.zone, after)?;
        self.until.is_none_or(|until| next.instant <= until).then_some(next)
    }

    /// Returns the occurrences behind an instant in their order; `count` is not looked at.
    pub fn after(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> {
        let mut after = after;
        std::iter::from_fn(move || {
            let next = self.next_after(after)?;
            after = next.instant;
            Some(next)
        })
    }

    /// Refuses a schedule that never runs.
    fn runs(self, now: Timestamp) -> Result<Self, Vec<Fault>> {
        if self.next_after(now).is_some() {
            return Ok(self);
        }
        let Some(until) = self.until else {
            return Err(vec![("/cron", "names no day that ever comes".to_owned())]);
        };
        let first = self.from.map_or(now, |from| from.max(now));
        Err(vec![("/until", format!("comes before the first occurrence behind {first:.0}: it is {until}"))])
    }
}

/// Reads a bound: an instant, or a wall time in the zone of the schedule.
fn bound(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(when::whole(instant));
    }
    let wall: DateTime = when::read(text).map_err(|detail| {
        format!("{detail}; an instant with its offset, such as 2031-01-01T09:00:00Z, will do")
    })?;
    when::resolve(wall, zone, Fold::Earlier).map(|resolved| resolved.instant)
}

#[cfg(test)]
mod against_brute_force;
#[cfg(test)]
mod tests;
