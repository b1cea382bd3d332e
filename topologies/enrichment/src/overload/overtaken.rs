//! [`Overtaken`]: the time until a log forgets what was not read.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use squall_ops::Retention;

use super::Log;

/// The shortest time over which rates are made.
const SPAN: Duration = Duration::from_secs(10);

/// Where logs stood, for the time until one forgets what was not read.
#[derive(Clone, Debug, Default)]
pub(super) struct Overtaken(BTreeMap<String, Followed>);

/// The look that rates are made from, and the one that takes its place.
#[derive(Clone, Copy, Debug)]
struct Followed {
    from: (Instant, Retention),
    next: (Instant, Retention),
}

impl Overtaken {
    /// The seconds that are left for the log that has the fewest; none if each is read faster than it forgets, or too
    /// little was seen of them. What is not named is followed no longer.
    pub(super) fn look(&mut self, at: Instant, logs: &[Log]) -> Option<f64> {
        self.0.retain(|name, _| logs.iter().any(|log| log.name == *name));
        let left = logs.iter().filter_map(|log| {
            let new = (at, log.retention);
            let followed = self.0.entry(log.name.clone()).or_insert(Followed { from: new, next: new });
            followed.look(new)
        });
        left.reduce(f64::min)
    }
}

impl Followed {
    fn look(&mut self, new: (Instant, Retention)) -> Option<f64> {
        let (at, now) = new;
        let age = |(then, _): (Instant, Retention)| at.saturating_duration_since(then);
        if age(self.next) >= SPAN {
            *self = Self { from: self.next, next: new };
        }
        let since = age(self.from);
        let is_lost = now.position < now.oldest;
        (is_lost || since >= SPAN).then(|| now.seconds_left(self.from.1, since)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_that_forgets_first_counts() {
        let (mut overtaken, start) = (Overtaken::default(), Instant::now());
        let log = |name: &str, position, oldest| Log {
            name: name.to_owned(),
            retention: Retention { position, oldest },
            stopped: None,
        };
        let at = |second| start + Duration::from_secs(second);

        assert_eq!(overtaken.look(at(0), &[log("a", 10_000, 0), log("b", 10_000, 0)]), None, "no rate yet");
        let left = overtaken.look(at(10), &[log("a", 10_100, 600), log("b", 10_100, 1_100)]);
        assert_eq!(left, Some(90.0), "10 and 110 a second, and 9000 between them");
        assert_eq!(overtaken.look(at(20), &[log("a", 20_000, 610)]), None, "it is read faster");
        assert_eq!(overtaken.look(at(21), &[log("c", 5, 6)]), Some(0.0), "it is too late");
    }
}
