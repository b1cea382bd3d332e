//! What to make of the occurrences that an outage left unmade.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Occurrence, Recurrence};

/// How long ago an occurrence must have been for it to count as missed: less is a delay, not an outage.
pub const MISSED: SignedDuration = SignedDuration::from_secs(60);

/// What to make of the occurrences that an outage left unmade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Every one of them.
    All,
    /// The last one.
    #[default]
    Latest,
    /// None.
    Skip,
}

impl CatchUp {
    /// The name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Latest => "latest",
            Self::Skip => "skip",
        }
    }

    /// Reads a name; `None` if it is none.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::All, Self::Latest, Self::Skip].into_iter().find(|catch_up| catch_up.name() == name)
    }
}

/// The next occurrences of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Those to make now, in their order.
    pub occurrences: Vec<Occurrence>,
    /// The first one that is left for later; `None` if the series ends.
    pub next: Option<Timestamp>,
}

impl Recurrence {
    /// Returns the occurrences to make now: those behind `after`, the last instant that was dealt with, up to `until`,
    /// which lies ahead of `now`; of the missed ones, those that [`CatchUp`] wants; at most `limit`.
    ///
    /// `made` tells how many were made before, which a `count` ends.
    ///
    /// ```
    /// use squall_scheduled_messages::recurrence::Asked;
    ///
    /// let asked = Asked {
    ///     cron: Some("@hourly".into()),
    ///     zone: Some("UTC".into()),
    ///     catch_up: Some("latest".into()),
    ///     ..Asked::default()
    /// };
    /// let now = "2027-01-01T12:30:00Z".parse()?;
    /// let hourly = asked.check(now, jiff::tz::db()).unwrap();
    /// // It was away since nine.
    /// let made = hourly.make("2027-01-01T09:00:00Z".parse()?, now, now, 0, 100);
    /// assert_eq!(made.occurrences.len(), 1);
    /// assert_eq!(made.occurrences[0].instant, "2027-01-01T12:00:00Z".parse()?);
    /// assert_eq!(made.next, Some("2027-01-01T13:00:00Z".parse()?));
    /// # Ok::<_, jiff::Error>(())
    /// ```
    pub fn make(&self, after: Timestamp, now: Timestamp, until: Timestamp, made: u32, limit: usize) -> Made {
        let mut after = self.caught_up(after, now);
        let left = self.count.map(|count| count.saturating_sub(made));
        let limit = left.map_or(limit, |left| limit.min(usize::try_from(left).unwrap_or(usize::MAX)));
        let mut occurrences = Vec::new();
        let next = loop {
            let next = self.next_after(after);
            match next {
                Some(next) if next.instant <= until && occurrences.len() < limit => {
                    after = next.instant;
                    occurrences.push(next);
                }
                _ => break next,
            }
        };
        let is_last =
            left.is_some_and(|left| usize::try_from(left).is_ok_and(|left| left <= occurrences.len()));
        Made { occurrences, next: next.filter(|_| !is_last).map(|next| next.instant) }
    }

    /// The instant behind which occurrences are wanted.
    fn caught_up(&self, after: Timestamp, now: Timestamp) -> Timestamp {
        let missed = now.checked_sub(MISSED).unwrap_or(now);
        let is_missed = self.next_after(after).is_some_and(|next| next.instant < missed);
        match self.catch_up {
            _ if !is_missed => after,
            CatchUp::All => after,
            CatchUp::Skip => after.max(missed.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(missed)),
            CatchUp::Latest => self.before_latest(after, now),
        }
    }

    /// An instant behind which only one occurrence lies up to `now`, if any does behind `after`.
    fn before_latest(&self, after: Timestamp, now: Timestamp) -> Timestamp {
        let is_before = |second: i64| {
            let next = Timestamp::from_second(second).ok().and_then(|instant| self.next_after(instant));
            next.is_some_and(|next| next.instant <= now)
        };
        // Behind `low` there is one, behind `high` none: a schedule runs at whole seconds.
        let (mut low, mut high) = (after.as_second(), now.as_second());
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) { low = middle } else { high = middle }
        }
        Timestamp::from_second(low).map_or(after, |low| low.max(after))
    }
}
