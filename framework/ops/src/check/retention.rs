//! [`Retention`]: the time until a log forgets what a consumer has not read yet.

use std::time::{Duration, SystemTime};

use super::{Bound, Check, Probe, Reading, View};

/// Where a consumer stands in a log that forgets its oldest entries, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The number of the next entry that it reads.
    pub position: u64,
    /// The number of the oldest entry that there still is.
    pub oldest: u64,
}

/// The shortest time over which rates are made.
const SPAN: Duration = Duration::from_secs(10);

/// More than this is forever.
const FOREVER: f64 = 365.0 * 86_400.0;

impl Retention {
    /// A check of the seconds that are left until a component loses entries; it pages when they are less than an hour.
    ///
    /// `ask` is called once a second and should answer at once, from what the consumer knows; `None` is nothing to
    /// measure.
    pub fn check(
        topology: impl Into<String>,
        component: impl Into<String>,
        ask: impl FnMut() -> Option<Self> + Send + 'static,
    ) -> Check {
        let (topology, component) = (topology.into(), component.into());
        let name = format!("retention-{topology}-{component}");
        Check::new(name, Bound::Below(3_600.0), Follow { topology, component, ask, from: None })
            .unit("s")
            .lasting(Duration::from_secs(30))
            .what_to_do("raise its tasks, or the retention of the log, before entries are lost")
            .runbook("#retention")
            .pages()
    }

    /// Seconds until what is forgotten overtakes what is read, if both go on as in the time since `before`; 0 if it has.
    ///
    /// ```
    /// use std::time::Duration;
    /// use squall_ops::Retention;
    ///
    /// let before = Retention { position: 1_000, oldest: 0 };
    /// let now = Retention { position: 1_100, oldest: 300 }; // 10 and 30 entries a second
    /// assert_eq!(now.seconds_left(before, Duration::from_secs(10)), Some(40.0));
    /// // Read faster than it forgets: never.
    /// assert_eq!(before.seconds_left(Retention { position: 900, oldest: 0 }, Duration::from_secs(10)), None);
    /// ```
    pub fn seconds_left(self, before: Self, since: Duration) -> Option<f64> {
        if self.position < self.oldest {
            return Some(0.0);
        }
        let gained =
            |now: u64, then: u64| now.saturating_sub(then) as f64 / since.as_secs_f64().max(f64::EPSILON);
        let closing = gained(self.oldest, before.oldest) - gained(self.position, before.position);
        (closing > 0.0).then(|| (self.position - self.oldest) as f64 / closing)
    }
}

struct Follow<F> {
    topology: String,
    component: String,
    ask: F,
    /// The look that rates are made from, and the one that takes its place.
    from: Option<((SystemTime, Retention), (SystemTime, Retention))>,
}

impl<F: FnMut() -> Option<Retention> + Send> Probe for Follow<F> {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let now = view.seen.at;
        let Some(asked) = (self.ask)() else { return Vec::new() };
        let (from, next) = self.from.unwrap_or(((now, asked), (now, asked)));
        let age = |at: SystemTime| now.duration_since(at).unwrap_or_default();
        self.from = Some(if age(next.0) >= SPAN { (next, (now, asked)) } else { (from, next) });
        let since = age(from.0);
        if since < SPAN {
            return Vec::new();
        }
        let left = asked.seconds_left(from.1, since).unwrap_or(FOREVER).min(FOREVER);
        let sentence = if left > 0.0 {
            format!("`{}` loses entries in {left:.0} s: the log forgets faster than it reads", self.component)
        } else {
            format!("`{}` has lost entries: the log forgot them before they were read", self.component)
        };
        vec![Reading::new(left).about(&self.topology, &self.component).sentence(sentence)]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::History;
    use crate::seen::Seen;

    #[test]
    fn one_who_reads_slower_than_the_log_forgets_is_told_when_it_loses() {
        let stands = Arc::new(Mutex::new(Retention { position: 10_000, oldest: 0 }));
        let asked = Arc::clone(&stands);
        let check = Retention::check("t", "in", move || Some(*asked.lock().unwrap()));
        let (mut seen, history) = (Seen::nothing(), History::default());
        let start = seen.at;
        let mut look = |seconds: u64, position, oldest| {
            *stands.lock().unwrap() = Retention { position, oldest };
            seen.at = start + Duration::from_secs(seconds);
            let readings = check.probe.lock().unwrap().probe(View { seen: &seen, history: &history });
            readings.first().map(|reading| reading.value)
        };

        assert_eq!(look(0, 10_000, 0), None, "one look has no rate");
        assert_eq!(look(10, 10_100, 600), Some(190.0), "10 and 60 a second, and 9500 between them");
        assert_eq!(look(20, 10_900, 700), Some(FOREVER), "it catches up");
        assert_eq!(look(30, 10_900, 20_000), Some(0.0), "it is too late");
    }

    #[test]
    fn one_who_has_lost_entries_has_no_time_left() {
        let now = Retention { position: 5, oldest: 6 };

        assert_eq!(now.seconds_left(now, Duration::from_secs(10)), Some(0.0));
        assert_eq!(now.seconds_left(now, Duration::ZERO), Some(0.0));
    }
}
