//! What time it is, by the clock of the database.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// What time it is, by the clock of the database: what it said last, and the time that has passed since.
///
/// Processes that share a database agree on the time in this way, and a wall clock that is set in the middle, by an
/// hour or by an operator's mistake, moves nothing.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    told: Mutex<Option<(Timestamp, Instant)>>,
}

impl Clock {
    /// The database said what time it is, some time between `asked` and now.
    pub(crate) fn set(&self, now: Timestamp, asked: Instant) {
        // Half of the way there, half of it back.
        let then = asked + asked.elapsed() / 2;
        *self.lock() = Some((now, then));
    }

    /// What time it is; by the clock of this machine until the database was asked.
    pub(crate) fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// What time it was at an instant of this process.
    pub(crate) fn at(&self, instant: Instant) -> Timestamp {
        let now = match *self.lock() {
            Some((told, then)) => told.checked_add(instant.saturating_duration_since(then)).unwrap_or(told),
            None => Timestamp::now(),
        };
        // Rows keep microseconds: what is answered is what is kept.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Instant)>> {
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

    #[test]
    fn the_time_goes_on_from_what_the_database_said() {
        let clock = Clock::default();
        let told = "2031-01-01T00:00:00Z".parse().unwrap();
        let asked = Instant::now();
        clock.set(told, asked);

        let later = clock.at(asked + Duration::from_secs(3600));

        assert!(later <= told + Duration::from_secs(3600));
        assert!(later > told + Duration::from_secs(3590));
    }

    #[test]
    fn an_instant_that_has_passed_is_no_time_away() {
        let now: Timestamp = "2031-01-01T00:00:01Z".parse().unwrap();

        assert_eq!(until(now, now - Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(until(now, now + Duration::from_secs(2)), Duration::from_secs(2));
    }
}
