//! [`Curve`]: what became of the backlog in the last quarter of an hour.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

/// A point a second.
const POINTS: usize = 15 * 60;

/// The backlog at one moment, and what happened in the second before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Records that were not done.
    pub backlog: u64,
    /// Records a second that arrived.
    pub in_per_s: f64,
    /// Records a second that were done.
    pub out_per_s: f64,
}

/// The newest points, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve(VecDeque<Seen>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    /// What had come by then: done, or not.
    come: u64,
    point: Point,
}

impl Curve {
    /// Adds the newest one; by then so many had come.
    pub(super) fn push(&mut self, at: Instant, come: u64, point: Point) {
        if self.0.len() == POINTS {
            self.0.pop_front();
        }
        self.0.push_back(Seen { at, come, point });
    }

    /// How long ago what came behind so many others did, as far as is remembered: at least so long.
    pub(super) fn age(&self, now: Instant, behind: u64) -> Duration {
        let after = self.0.partition_point(|seen| seen.come <= behind);
        let before = self.0.get(after.saturating_sub(1));
        before.map_or(Duration::ZERO, |seen| now.saturating_duration_since(seen.at))
    }

    pub(super) fn points(&self) -> impl ExactSizeIterator<Item = Point> + '_ {
        self.0.iter().map(|seen| seen.point)
    }
}

/// The greatest of each of so many pieces, so that no peak is lost where there is no room for all values.
pub(crate) fn peaks(values: &[u64], pieces: usize) -> Vec<u64> {
    let size = values.len().div_ceil(pieces.max(1)).max(1);
    values.chunks(size).map(|piece| piece.iter().copied().max().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(second: u64, backlog: u64) -> Point {
        Point { at_ms: second * 1_000, backlog, in_per_s: 0.0, out_per_s: 0.0 }
    }

    #[test]
    fn a_quarter_of_an_hour_is_kept() {
        let (mut curve, start) = (Curve::default(), Instant::now());

        (0..2_000).for_each(|second| curve.push(start, second, point(second, 0)));

        assert_eq!(curve.points().len(), 900);
        assert_eq!(curve.points().next().unwrap().at_ms, 1_100_000);
    }

    #[test]
    fn the_age_is_the_time_since_the_oldest_that_is_not_done_had_not_come() {
        let (mut curve, start) = (Curve::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        (0..60).for_each(|second| curve.push(at(second), 100 * second, point(second, 0)));

        assert_eq!(curve.age(at(59), 5_900), Duration::ZERO, "all is done");
        assert_eq!(curve.age(at(59), 4_950), Duration::from_secs(10));
        assert_eq!(curve.age(at(59), 0), Duration::from_secs(59));
    }

    #[test]
    fn a_peak_is_seen_however_little_room_there_is() {
        let mut values = vec![0; 900];
        values[437] = 9;

        let peaks = peaks(&values, 120);

        assert!(peaks.len() <= 120 && peaks.iter().sum::<u64>() == 9, "{peaks:?}");
        assert_eq!(super::peaks(&[1, 2], 120), [1, 2]);
    }
}
