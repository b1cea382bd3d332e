//! [`Overtaken`]: the time until a log forgets what was not read.

use std::collections::BTreeMap;
use std::time::Instant;

use squall_ops::RetentionTrend;

use super::{Log, NEVER};

/// Where logs stood, for the time until one forgets what was not read.
#[derive(Clone, Debug, Default)]
pub(super) struct Overtaken {
    began: Option<Instant>,
    logs: BTreeMap<String, RetentionTrend>,
}

impl Overtaken {
    /// The seconds that are left for the log that has the fewest; none if each is read faster than it forgets, or too
    /// little was seen of them. What is not named is followed no longer.
    pub(super) fn look(&mut self, at: Instant, logs: &[Log]) -> Option<f64> {
        let since = at.saturating_duration_since(*self.began.get_or_insert(at));
        self.logs.retain(|name, _| logs.iter().any(|log| log.name == *name));
        let left = logs.iter().filter_map(|log| {
            let trend = self.logs.entry(log.name.clone()).or_default();
            trend.look(since, log.retention)
        });
        left.reduce(f64::min).filter(|left| *left < NEVER)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use squall_ops::Retention;

    use super::*;

    #[test]
    fn the_log_that_forgets_first_counts() {
        let (mut overtaken, start) = (Overtaken::default(), Instant::now());
        let log = |name: &str, position, oldest| Log {
            name: name.to_owned(),
            retention: Retention { position, oldest, aging: None },
            stopped: None,
        };
        let at = |second| start + Duration::from_secs(second);

        assert_eq!(overtaken.look(at(0), &[log("a", 10_000, 0), log("b", 10_000, 0)]), None);
        let left = overtaken.look(at(300), &[log("a", 13_000, 6_000), log("b", 13_000, 9_000)]);
        assert_eq!(left, None, "nobody knows when they forgot the last time");
        let two = [log("a", 16_000, 12_000), log("b", 16_000, 15_000)];
        assert_eq!(overtaken.look(at(600), &two), Some(100.0), "10 and 20 a second, and 1000 between them");
        assert_eq!(overtaken.look(at(650), &two), Some(50.0), "nothing was read meanwhile");
        assert_eq!(overtaken.look(at(700), &[log("a", 30_000, 12_000)]), None, "it is read faster");
        assert_eq!(overtaken.look(at(701), &[log("c", 5, 6)]), Some(0.0), "it is too late");
    }
}
