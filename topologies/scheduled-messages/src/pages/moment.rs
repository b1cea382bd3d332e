//! [`Moment`]: an instant as people read it.

use jiff::tz::TimeZone;
use jiff::{Timestamp, tz};
use squall_ops::show::Seconds;

/// An instant as people read it: on the clocks of a zone, and how far away it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// For programs: RFC 3339, in UTC.
    pub(crate) iso: String,
    /// What the clocks show: `2031-03-30 09:30:00`.
    pub(crate) clock: String,
    /// Whose clocks those are: `UTC`, `Europe/Berlin`.
    pub(crate) zone: String,
    /// `in 5 min`, `3 h ago`.
    pub(crate) relative: String,
}

impl Moment {
    /// In UTC.
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self::in_zone(at, "UTC", now)
    }

    /// On the clocks of a zone; of one that this machine does not know, in UTC.
    pub(crate) fn in_zone(at: Timestamp, zone: &str, now: Timestamp) -> Self {
        let (zone, name) = match tz::db().get(zone) {
            Ok(found) => (found, zone.to_owned()),
            Err(_) => (TimeZone::UTC, "UTC".to_owned()),
        };
        let clock = at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
        Self { iso: format!("{at:.0}"), clock, zone: name, relative: relative(at, now) }
    }
}

/// How far away an instant is.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs_f64();
    // Below a second it is neither past nor to come for whoever reads it.
    if seconds.abs() < 1.0 {
        return "now".to_owned();
    }
    let away = Seconds(seconds.abs().round());
    if seconds < 0.0 { format!("{away} ago") } else { format!("in {away}") }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn an_instant_is_shown_on_the_clocks_of_its_zone() {
        let now: Timestamp = "2031-03-30T07:00:00Z".parse().unwrap();
        let moment = Moment::in_zone(now + 30.minutes(), "Europe/Berlin", now);

        assert_eq!((moment.clock.as_str(), moment.relative.as_str()), ("2031-03-30 09:30:00", "in 30 min"));
        assert_eq!(Moment::in_zone(now, "Mars/Olympus", now).zone, "UTC");
        assert_eq!(relative(now - 90.minutes(), now), "1 h 30 min ago");
        assert_eq!(relative(now, now), "now");
    }
}
