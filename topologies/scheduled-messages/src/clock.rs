//! What time it is, by the clock of the database.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// What time it is, by the clock of the database: what it said, and the time that has passed since.
///
/// Processes that share a database agree on the time in this way, and a wall clock that is set in the middle, by an
/// hour or by an operator's mistake, moves nothing. It is never ahead of the database: nothing is sent before its
/// instant.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    told: Mutex<Option<Told>>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    /// What the database said.
    now: Timestamp,
    /// When its answer was here: it was that time, or later.
    answered: Instant,
}

/// How long an answer counts that came quicker than others: two clocks do not run alike for ever.
const COUNTS: Duration = Duration::from_secs(60);

/// By how much the time is taken back only where the database's clock was set.
const SET: Duration = Duration::from_secs(1);

impl Clock {
    /// The database just said what time it is.
    pub(crate) fn set(&self, now: Timestamp, answered: Instant) {
        let ahead = until(now, self.at(answered));
        let mut told = self.lock();
        // An answer that took its time makes the clock slow: the quickest of the last ones is right.
        let is_better = told.is_none_or(|told| {
            ahead.is_zero() || ahead > SET || answered.saturating_duration_since(told.answered) > COUNTS
        });
        if is_better {
            *told = Some(Told { now, answered });
        }
    }

    /// Whether the database was asked.
    pub(crate) fn is_set(&self) -> bool {
        self.lock().is_some()
    }

    /// What time it is; by the clock of this machine until the database was asked.
    pub(crate) fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// What time it was at an instant of this process.
    pub(crate) fn at(&self, instant: Instant) -> Timestamp {
        let now = match *self.lock() {
            Some(Told { now, answered }) => {
                now.checked_add(instant.saturating_duration_since(answered)).unwrap_or(now)
            }
            None => Timestamp::now(),
        };
        // Rows keep microseconds: what is answered is what is kept.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// How long it is from one instant to a later one; nothing if that one has passed.
pub(crate) fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn told() -> Timestamp {
        "2031-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_time_goes_on_from_what_the_database_said() {
        let (clock, answered) = (Clock::default(), Instant::now());
        clock.set(told(), answered);

        assert_eq!(clock.at(answered + 3600 * S), told() + 3600 * S);
    }

    #[test]
    fn a_slow_answer_does_not_set_the_clock_back_and_a_quick_one_sets_it_right() {
        let (clock, answered) = (Clock::default(), Instant::now());
        clock.set(told(), answered);

        clock.set(told() + 2 * S - S / 4, answered + 2 * S);
        assert_eq!(clock.at(answered + 2 * S), told() + 2 * S);

        clock.set(told() + 3 * S + S / 100, answered + 3 * S);
        assert_eq!(clock.at(answered + 3 * S), told() + 3 * S + S / 100);
    }

    #[test]
    fn a_database_whose_clock_is_set_is_followed() {
        let (clock, answered) = (Clock::default(), Instant::now());
        for hour in [3600 * S, 7200 * S, Duration::ZERO] {
            clock.set(told() + hour, answered);
            assert_eq!(clock.at(answered), told() + hour);
        }
    }

    #[test]
    fn clocks_that_run_apart_are_brought_together() {
        let (clock, answered) = (Clock::default(), Instant::now());
        clock.set(told(), answered);

        clock.set(told() + 61 * S - S / 2, answered + 61 * S);

        assert_eq!(clock.at(answered + 61 * S), told() + 61 * S - S / 2);
    }

    #[test]
    fn an_instant_that_has_passed_is_no_time_away() {
        let now: Timestamp = "2031-01-01T00:00:01Z".parse().unwrap();

        assert_eq!(until(now, now - Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(until(now, now + Duration::from_secs(2)), Duration::from_secs(2));
    }
}
