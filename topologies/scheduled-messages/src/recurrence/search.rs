//! The next instant at which the clocks of a zone show one of the times of a schedule.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::Cron;

/// One time that a schedule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The wall time that the schedule names; clocks may skip it.
    pub wall: DateTime,
    /// The instant that it means.
    pub instant: Timestamp,
}

/// More than clocks were ever put forward or back.
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);

/// Finds the first occurrence behind an instant.
///
/// Time is cut where the clocks of the zone change: between two changes they run evenly, so that the first of the wall
/// times there is the first of the instants.
pub(super) fn next_after(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Occurrence> {
    // Clocks change, and schedules run, at whole seconds.
    let mut start = Timestamp::from_second(after.as_second()).ok()?;
    if start <= after {
        start = start.checked_add(SignedDuration::from_secs(1)).ok()?;
    }
    loop {
        let stretch = Stretch::at(zone, start);
        let shown = stretch.shown(cron, start);
        let inside = shown.filter(|shown| stretch.end.is_none_or(|end| shown.instant < end));
        let moved = stretch.moved(cron, start);
        // What is both shown and moved to is shown.
        let first = inside.into_iter().chain(moved).min_by_key(|occurrence| occurrence.instant);
        if first.is_some() {
            return first;
        }
        let end = stretch.end?;
        // No wall time up to the next one that is named is of interest, unless clocks go back to before `start`.
        let near = shown.and_then(|shown| shown.instant.checked_sub(TWO_DAYS).ok());
        start = match near {
            Some(near) if end.duration_since(start) > TWO_DAYS => end.max(near),
            _ if shown.is_none() => return None,
            _ => end,
        };
    }
}

/// A stretch of time in which the clocks of a zone run evenly.
struct Stretch {
    /// How far clocks are ahead of universal time.
    offset: Offset,
    /// When it began, and how far they were ahead before.
    begin: Option<(Timestamp, Offset)>,
    /// When the next one begins.
    end: Option<Timestamp>,
}

impl Stretch {
    /// The one that an instant lies in.
    fn at(zone: &TimeZone, instant: Timestamp) -> Self {
        let just = SignedDuration::from_nanos(1);
        let including = instant.checked_add(just).unwrap_or(instant);
        let begin = zone.preceding(including).next().map(|change| change.timestamp()).and_then(|begin| {
            let before = begin.checked_sub(just).ok()?;
            Some((begin, zone.to_offset(before)))
        });
        let end = zone.following(instant).next().map(|change| change.timestamp());
        Self { offset: zone.to_offset(instant), begin, end }
    }

    /// The first wall time of a schedule that clocks show from `start` on, if they ran on evenly for ever.
    fn shown(&self, cron: &Cron, start: Timestamp) -> Option<Occurrence> {
        let mut from = self.offset.to_datetime(start);
        if let (Some((begin, before)), false) = (self.begin, cron.is_hourly()) {
            // What they show for the second time was taken when they showed it first.
            from = from.max(before.to_datetime(begin));
        }
        let wall = cron.next_from(from)?;
        Some(Occurrence { wall, instant: self.offset.to_timestamp(wall).ok()? })
    }

    /// The first wall time that clocks skipped when this stretch began, and that is moved to `start` or behind.
    fn moved(&self, cron: &Cron, start: Timestamp) -> Option<Occurrence> {
        let (begin, before) = self.begin?;
        if cron.is_hourly() || before >= self.offset {
            return None;
        }
        // On clocks that nobody changed, the skipped times are shown when they are moved to.
        let wall = cron.next_from(before.to_datetime(start))?;
        let skipped = wall < self.offset.to_datetime(begin);
        skipped.then_some(Occurrence { wall, instant: before.to_timestamp(wall).ok()? })
    }
}
