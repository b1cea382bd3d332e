//! A wall time as it was given.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZoneDatabase;

use super::{Fault, Fold, Resolved, resolve, zone};

/// A date and a time of day, and whose clocks show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// What the clocks show, in whole microseconds.
    pub at: DateTime,
    /// The name of their zone in the IANA database.
    pub zone: String,
    /// Which one is meant if they show it twice.
    pub fold: Fold,
}

impl Wall {
    /// Reads the fields of a request.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, at once.
    pub fn parse(
        wall: Option<&str>,
        name: Option<&str>,
        fold: Option<&str>,
        zones: &TimeZoneDatabase,
    ) -> Result<Self, Vec<Fault>> {
        let at = wall.ok_or_else(|| "is missing; expected the wall time beside its `zone`".to_owned());
        let name = name.ok_or_else(|| {
            "is missing; expected the zone whose clocks show `wall`, such as Europe/Berlin".to_owned()
        });
        let fold = fold.map_or(Ok(Fold::default()), |name| {
            Fold::parse(name).ok_or_else(|| "is unknown; expected \"earlier\" or \"later\"".to_owned())
        });
        match (at.and_then(read), name.and_then(|name| zone(name, zones)), fold) {
            (Ok(at), Ok(zone), Ok(fold)) => {
                Ok(Self { at, zone: zone.iana_name().unwrap_or_default().to_owned(), fold })
            }
            (at, zone, fold) => {
                let faults = [
                    at.err().map(|at| ("/wall", at)),
                    zone.err().map(|zone| ("/zone", zone)),
                    fold.err().map(|fold| ("/fold", fold)),
                ];
                Err(faults.into_iter().flatten().collect())
            }
        }
    }

    /// Finds the instant that it means by this edition of the database; see [the rule](super).
    ///
    /// # Errors
    ///
    /// The database does not have the zone (any more), or the instant is out of range: the rest of a sentence.
    pub fn resolve(&self, zones: &TimeZoneDatabase) -> Result<Resolved, String> {
        resolve(self.at, &zone(&self.zone, zones)?, self.fold)
    }
}

/// Reads a wall time, and says which part of it cannot be.
pub(crate) fn read(text: &str) -> Result<DateTime, String> {
    const SUCH: &str = "expected a wall time, such as 2027-03-28T09:30:00";

    match shape(text) {
        Shape::Wall => {}
        Shape::Zoned => {
            return Err(format!("has an offset or a zone of its own; {SUCH}, and its zone in `zone`"));
        }
        Shape::Other => return Err(format!("is not a wall time; {SUCH}")),
    }
    possible(text).map_err(|error| format!("{error}; {SUCH}"))?;
    let at: DateTime = text.parse().map_err(|error| format!("is not a wall time: {error}; {SUCH}"))?;
    at.with().nanosecond(0).build().map_err(|error| format!("is not a wall time: {error}; {SUCH}"))
}

enum Shape {
    Wall,
    Zoned,
    Other,
}

/// What a text looks like: `0000-00-00T00:00`, and behind it `:00`, and behind that a fraction, or an offset.
fn shape(text: &str) -> Shape {
    fn behind<'a>(text: &'a str, pattern: &str) -> Option<&'a str> {
        let mut chars = text.chars();
        let fits = pattern.chars().all(|expected| match (expected, chars.next()) {
            ('0', Some(found)) => found.is_ascii_digit(),
            ('T', Some(found)) => matches!(found, 'T' | 't' | ' '),
            (expected, found) => Some(expected) == found,
        });
        fits.then_some(chars.as_str())
    }
    let Some(mut rest) = behind(text, "0000-00-00T00:00") else { return Shape::Other };
    if let Some(seconds) = behind(rest, ":00") {
        rest = seconds;
        if let Some(fraction) = behind(rest, ".0") {
            rest = fraction.trim_start_matches(|char: char| char.is_ascii_digit());
        }
    }
    match rest.chars().next() {
        None => Shape::Wall,
        Some('+' | '-' | 'Z' | 'z' | '[') => Shape::Zoned,
        Some(_) => Shape::Other,
    }
}

/// Names the part of a well-formed wall time that no clock ever shows.
fn possible(text: &str) -> Result<(), String> {
    let mut numbers =
        text.split(['-', 'T', 't', ' ', ':', '.']).map(|part| part.parse::<i16>().unwrap_or(i16::MAX));
    let mut next = || numbers.next().unwrap_or(0);
    let (year, month, day, hour, minute, second) = (next(), next(), next(), next(), next(), next());
    let month_of = |day: i8| Date::new(year, i8::try_from(month).ok()?, day).ok();
    let Some(first) = month_of(1) else { return Err(format!("has the month {month}, not one of 1 to 12")) };
    let days = i16::from(first.days_in_month());
    if !(1..=days).contains(&day) {
        let month = first.strftime("%B %Y");
        return Err(format!("has the day {day}, but {month} has the days 1 to {days}"));
    }
    for (part, value, most) in [("hour", hour, 23), ("minute", minute, 59), ("second", second, 60)] {
        if value > most {
            return Err(format!("has the {part} {value}, not one of 0 to {most}"));
        }
    }
    Ok(())
}
