//! [`Frontier`]: up to where a feed was read whose clocks are not one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Up to where a feed was read, in microseconds since 1970.
///
/// Neighbours in it may be in the wrong order by as much as the overlap: what is earlier than the latest that came by
/// more than that came, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frontier {
    /// Nothing before this is wanted, or not done.
    begin: i64,
    latest: Option<i64>,
    overlap: i64,
}

impl Frontier {
    /// A feed that goes on at `kept`, or else so long before `now`.
    pub(super) fn begin(kept: Option<i64>, look_back: Duration, overlap: Duration, now: i64) -> Self {
        let overlap = micros(overlap);
        let begin = kept.unwrap_or_else(|| now.saturating_sub(micros(look_back)).saturating_sub(overlap));
        Self { begin, latest: None, overlap }
    }

    /// An event came. Returns where it stands: without a time of its own, where the latest does.
    ///
    /// No event stands later than `now`, when it comes: one whose clock is ahead would otherwise be the latest for as long,
    /// and whatever comes meanwhile would not be asked for again.
    pub(super) fn came(&mut self, time: Option<i64>, now: i64) -> i64 {
        let time = time.map_or_else(|| self.latest.unwrap_or(self.begin), |time| time.min(now));
        self.latest = Some(self.latest.map_or(time, |latest| latest.max(time)));
        time
    }

    /// From where on the feed has to come so that nothing is missing, if the earliest event that is not done stands at
    /// `open`.
    ///
    /// It is never later than now, where a feed would go on with what is new.
    pub(super) fn cursor(&self, open: Option<i64>, now: i64) -> i64 {
        let Some(latest) = self.latest else { return self.begin };
        let earliest = open.map_or(latest, |open| open.min(latest)).min(now);
        earliest.saturating_sub(self.overlap).max(self.begin)
    }
}

pub(super) fn now_us() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_micros()).unwrap_or(i64::MAX)
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_783_175_888_000_000;

    fn frontier(kept: Option<i64>) -> Frontier {
        Frontier::begin(kept, Duration::from_secs(60), Duration::from_secs(5), NOW)
    }

    #[test]
    fn a_first_start_looks_back_and_a_later_one_goes_on() {
        assert_eq!(frontier(None).cursor(None, NOW), NOW - 65_000_000);
        assert_eq!(frontier(Some(7)).cursor(None, NOW), 7);
    }

    #[test]
    fn the_cursor_lies_an_overlap_before_the_latest_and_before_whatever_is_not_done() {
        let mut frontier = frontier(Some(0));
        for time in [100_000_000, 103_000_000, 101_000_000] {
            frontier.came(Some(time), NOW);
        }

        assert_eq!(frontier.cursor(None, NOW), 98_000_000, "not the last that came");
        assert_eq!(frontier.cursor(Some(100_000_000), NOW), 95_000_000);
        assert_eq!(frontier.came(None, NOW), 103_000_000, "what has no time stands where the latest does");
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_skip_what_is_to_come() {
        let mut frontier = frontier(Some(NOW - 10_000_000));

        let stands = frontier.came(Some(NOW + 3_600_000_000), NOW);

        assert_eq!(stands, NOW);
        assert_eq!(frontier.cursor(None, NOW), NOW - 5_000_000);
        assert_eq!(frontier.cursor(None, NOW + 600_000_000), NOW - 5_000_000, "an outage of ten minutes");
    }

    #[test]
    fn the_cursor_never_goes_behind_where_it_began() {
        let mut frontier = frontier(Some(50));
        frontier.came(Some(7), NOW);

        assert_eq!(frontier.cursor(Some(7), NOW), 50);
    }
}
