//! When a message is sent: an instant, a delay, or a wall time in a zone.
//!
//! What the caller gave is kept: a wall time and its zone are stored beside the instant that they mean today, and
//! [`Wall::resolve`] says what they mean when a new edition of the time zone database is there.
//!
//! # The rule for wall times that clocks skip or repeat
//!
//! | the wall time | is taken as |
//! |---|---|
//! | exists once | that instant |
//! | is skipped, since clocks go forward over it | later by as much as clocks go forward: 02:30 becomes 03:30 |
//! | comes twice, since clocks go back | the first of the two; with `"fold": "later"`, the second |
//!
//! # The rule for times that are past
//!
//! A message that was due up to a minute ago is sent at once: clocks differ, and requests travel. One that was due
//! before is refused, unless its `not_after` is still to come: then it is late, but not too late, and is sent at once.
//!
//! Leap seconds do not exist here, as they do not on the clocks of computers: a second 60 is taken as 59.

mod deadline;
mod past;
mod resolve;
mod wall;
mod zone;

pub use deadline::deadline;
pub use resolve::{Fold, Note, Resolved, resolve};
pub use wall::Wall;
pub(crate) use wall::read;
pub use zone::{edition, zone};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

/// What is wrong with a field: a JSON pointer to it, and the rest of a sentence about it.
pub type Fault = (&'static str, String);

/// When to send a message, as it was asked for; nothing of it is checked.
///
/// ```
/// use squall_scheduled_messages::when::{Asked, Note};
///
/// let asked = Asked {
///     wall: Some("2027-03-28T02:30".into()),
///     zone: Some("Europe/Berlin".into()),
///     ..Asked::default()
/// };
/// let when = asked.check("2027-01-01T00:00:00Z".parse()?, jiff::tz::db()).unwrap();
/// // Clocks go from 02:00 to 03:00 on that day: 02:30 becomes 03:30.
/// assert_eq!(when.due_at, "2027-03-28T03:30:00+02:00".parse()?);
/// assert!(matches!(when.note, Note::Gap { .. }));
/// # Ok::<_, jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// An instant, as RFC 3339 has it.
    pub due_at: Option<String>,
    /// A duration from now, such as `5s`; the field `in` of a request.
    pub delay: Option<String>,
    /// A date and a time of day on the clocks of `zone`, such as `2027-03-28T02:30:00`.
    pub wall: Option<String>,
    /// The name of a zone in the IANA database.
    pub zone: Option<String>,
    /// Which of the two a repeated wall time is: `earlier` or `later`.
    pub fold: Option<String>,
    /// When it is too late to send it: an instant, or a duration behind the one at which it is due.
    pub not_after: Option<String>,
}

/// When to send a message.
///
/// All instants have whole microseconds, which is what a row keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The instant at which it is due; may be past, if it is to be sent at once.
    pub due_at: Timestamp,
    /// The wall time that was asked for, if one was.
    pub wall: Option<Wall>,
    /// What became of the wall time.
    pub note: Note,
    /// The instant after which it is not sent any more.
    pub not_after: Option<Timestamp>,
}

impl Asked {
    /// Finds the instant that is meant.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    pub fn check(self, now: Timestamp, zones: &TimeZoneDatabase) -> Result<When, Vec<Fault>> {
        let not_after = self.not_after.clone();
        let (at, due) = self.due(now, zones)?;
        let not_after = not_after
            .map(|text| deadline(&text, due.due_at))
            .transpose()
            .map_err(|detail| vec![("/not_after", detail)])?;
        past::check(due.due_at, not_after, now)
            .map_err(|(field, detail)| vec![(field.unwrap_or(at), detail)])?;
        Ok(When { not_after, ..due })
    }

    /// The instant it is due at, and the field that told it.
    fn due(self, now: Timestamp, zones: &TimeZoneDatabase) -> Result<(&'static str, When), Vec<Fault>> {
        self.one()?;
        if let Some(text) = self.due_at {
            return Ok(("/due_at", instant(&text).map_err(|detail| vec![("/due_at", detail)])?.into()));
        }
        if let Some(text) = self.delay {
            return Ok(("/in", after(&text, now).map_err(|detail| vec![("/in", detail)])?.into()));
        }
        let wall = Wall::parse(self.wall.as_deref(), self.zone.as_deref(), self.fold.as_deref(), zones)?;
        let Resolved { instant, note } = wall.resolve(zones).map_err(|detail| vec![("/wall", detail)])?;
        Ok(("/wall", When { due_at: instant, wall: Some(wall), note, not_after: None }))
    }

    /// Whether exactly one way to tell the instant was taken.
    fn one(&self) -> Result<(), Vec<Fault>> {
        const WAYS: &str =
            "`due_at`, an instant; `in`, such as \"5s\"; or `wall`, a wall time, with its `zone`";

        let is_wall = self.wall.is_some() || self.zone.is_some();
        let ways = [("/due_at", self.due_at.is_some()), ("/in", self.delay.is_some()), ("/wall", is_wall)];
        let mut given = ways.into_iter().filter(|(_, is_given)| *is_given).map(|(pointer, _)| pointer);
        let Some(first) = given.next() else {
            return Err(vec![("/due_at", format!("is missing; expected one of {WAYS}"))]);
        };
        let beside = format!("is given beside `{}`; expected one of {WAYS}", first.trim_start_matches('/'));
        let mut faults: Vec<Fault> = given.map(|pointer| (pointer, beside.clone())).collect();
        if self.fold.is_some() && !is_wall {
            faults.push(("/fold", "is given without `wall`; only a wall time can come twice".to_owned()));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl From<Timestamp> for When {
    fn from(due_at: Timestamp) -> Self {
        Self { due_at, wall: None, note: Note::Exact, not_after: None }
    }
}

/// Reads an instant with its offset.
fn instant(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Timestamp>() {
        Ok(instant) => Ok(whole(instant)),
        Err(_) if text.parse::<jiff::civil::DateTime>().is_ok() => {
            Err("has no offset, or is too far away; expected an instant such as 2031-01-01T09:00:00Z. \
             A wall time goes into `wall`, with its `zone`"
                .to_owned())
        }
        Err(_) => {
            Err("is not an instant; expected one with its offset, such as 2031-01-01T09:00:00Z".to_owned())
        }
    }
}

/// Reads a duration from now.
fn after(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    deadline::duration(text).and_then(|delay| deadline::add(now, delay))
}

/// Cuts an instant to the microsecond: what is answered is what a row keeps.
pub(crate) fn whole(instant: Timestamp) -> Timestamp {
    // Every instant is within range as microseconds.
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
mod tests;
