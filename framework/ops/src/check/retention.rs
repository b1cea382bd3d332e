//! [`Retention`]: the time until a log forgets what a consumer has not read yet.

use std::time::{Duration, SystemTime};

use super::{Bound, Check, Probe, Reading, View};

/// Where a consumer stands in a log that forgets its oldest entries, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Retention {
    /// The number of the next entry that it reads.
    pub position: u64,
    /// The number of the oldest entry that there still is.
    pub oldest: u64,
    /// How near the first entry that is not done is to the age at which the log may forget it; `None` if the log does not
    /// go by age, or that is not known.
    pub aging: Option<Aging>,
}

/// How near the first entry that a consumer has not done is to the age at which its log forgets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aging {
    /// Seconds until it is so old, negative if it is so already.
    pub left: f64,
    /// Entries that are not done, this one and all later ones.
    pub waiting: u64,
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
        let follow = Follow { topology, component, ask, began: None, trend: RetentionTrend::default() };
        Check::new(name, Bound::Below(3_600.0), follow)
            .unit("s")
            .lasting(Duration::from_secs(30))
            .what_to_do("raise its tasks, or the retention of the log, before entries are lost")
            .runbook("#retention")
            .pages()
    }
}

/// Follows a log and its consumer, for the time until what is forgotten overtakes what is read.
///
/// A log forgets by whole segments: for minutes nothing, and then much at once. How fast it forgets is measured from one
/// such step to another, so that nothing is known before the second; how fast it is read is measured all the time. Of a
/// log that goes by age this is known within seconds: from how fast what is read next comes near the age at which it may
/// go, unless all that is there is read before that. What is left is the less of both.
///
/// ```
/// use std::time::Duration;
/// use squall_ops::{Aging, Retention, RetentionTrend};
///
/// let mut trend = RetentionTrend::default();
/// let mut look = |second, oldest| {
///     // Nothing is read meanwhile.
///     trend.look(Duration::from_secs(second), Retention { position: 10_000, oldest, aging: None })
/// };
///
/// assert_eq!(look(0, 0), None);
/// assert_eq!(look(100, 1_000), None);
/// assert_eq!(look(400, 4_000), Some(600.0)); // 10 entries a second, and 6000 between them
/// assert_eq!(look(500, 4_000), Some(600.0)); // nothing has been forgotten since
///
/// let mut trend = RetentionTrend::default();
/// let mut look = |second, position, left| {
///     // It reads, and yet what it reads is older each time.
///     let aging = Some(Aging { left, waiting: 5_000 });
///     trend.look(Duration::from_secs(second), Retention { position, oldest: 0, aging })
/// };
///
/// assert_eq!(look(0, 0, 1_200.0), None);
/// assert_eq!(look(20, 20, 1_190.0), Some(2_380.0)); // half a second nearer each second
/// assert_eq!(look(40, 2_020, 1_180.0), None); // at 100 a second, 5000 are read before they are old
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RetentionTrend {
    reads: Option<Window>,
    forgets: Option<Window>,
    /// When it forgot last, and up to what; at first, what was seen first.
    last: Option<(Duration, u64)>,
    /// The seconds until the next entry is old.
    ages: Option<Window<f64>>,
}

/// Two earlier looks: the one that a rate is made from, and the one that takes its place.
#[derive(Clone, Copy, Debug)]
struct Window<T = u64> {
    from: (Duration, T),
    next: (Duration, T),
}

impl<T: Copy> Window<T> {
    fn step(window: &mut Option<Self>, new: (Duration, T)) -> Self {
        let Self { from, next } = window.unwrap_or(Self { from: new, next: new });
        let is_over = new.0.saturating_sub(next.0) >= SPAN;
        *window.insert(if is_over { Self { from: next, next: new } } else { Self { from, next } })
    }
}

impl Window {
    /// By how much it grows a second up to `last`, which it has had until `now`; none if that is too short to say.
    fn rate(&self, last: (Duration, u64), now: Duration) -> Option<f64> {
        let between = last.0.saturating_sub(self.from.0);
        // If it has been at rest for longer than before, that counts.
        let seconds = between.max(now.saturating_sub(last.0)).as_secs_f64();
        (between >= SPAN).then(|| last.1.saturating_sub(self.from.1) as f64 / seconds)
    }
}

impl RetentionTrend {
    /// Takes in how it stands at this time, which counts from any beginning: the seconds that are left if all goes on
    /// like that, 0 if it is too late, and none if it will not come to that, or too little has been seen.
    pub fn look(&mut self, at: Duration, now: Retention) -> Option<f64> {
        let reads = Window::step(&mut self.reads, (at, now.position)).rate((at, now.position), at);
        let by_entries = self.look_at_entries(at, now, reads);
        let by_age = self.look_at_age(at, now.aging, reads);
        by_entries.into_iter().chain(by_age).reduce(f64::min)
    }

    fn look_at_entries(&mut self, at: Duration, now: Retention, reads: Option<f64>) -> Option<f64> {
        let Retention { position, oldest, .. } = now;
        let last = *self.last.get_or_insert((at, oldest));
        if oldest < last.1 {
            // It is another log by the same name.
            (self.forgets, self.last) = (None, Some((at, oldest)));
        } else if oldest > last.1 {
            self.last = Some((at, oldest));
            Window::step(&mut self.forgets, (at, oldest));
        }
        if position < oldest {
            return Some(0.0);
        }
        let forgets = self.forgets?.rate(self.last?, at)?;
        let closing = forgets - reads?;
        // At the very edge nothing is lost yet.
        (closing > 0.0).then(|| ((position - oldest) as f64 / closing).max(1.0))
    }

    fn look_at_age(&mut self, at: Duration, aging: Option<Aging>, reads: Option<f64>) -> Option<f64> {
        let Some(Aging { left, waiting }) = aging else {
            self.ages = None;
            return None;
        };
        let (since, before) = Window::step(&mut self.ages, (at, left)).from;
        let seconds = at.saturating_sub(since);
        // No entry ages faster than the clock: one that does is another one.
        let closing = ((before - left) / seconds.as_secs_f64()).min(1.0);
        // What was written together is read one after another, and older each time.
        let is_read_in_time = reads? * left >= waiting as f64;
        // What is older may be there for long, if its segment is young: then the log itself says when it goes.
        (seconds >= SPAN && left > 0.0 && closing > 0.0 && !is_read_in_time)
            .then(|| (left / closing).max(1.0))
    }
}

struct Follow<F> {
    topology: String,
    component: String,
    ask: F,
    began: Option<SystemTime>,
    trend: RetentionTrend,
}

impl<F: FnMut() -> Option<Retention> + Send> Probe for Follow<F> {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let now = view.seen.at;
        let Some(asked) = (self.ask)() else { return Vec::new() };
        let began = *self.began.get_or_insert(now);
        let left = self.trend.look(now.duration_since(began).unwrap_or_default(), asked);
        let left = left.unwrap_or(FOREVER).min(FOREVER);
        let component = &self.component;
        let sentence = if left >= FOREVER {
            format!("`{component}` reads as fast as the log forgets, as far as is known")
        } else if left > 0.0 {
            format!("`{component}` loses entries in {left:.0} s: the log forgets faster than it reads")
        } else {
            format!("`{component}` has lost entries: the log forgot them before they were read")
        };
        vec![Reading::new(left).about(&self.topology, component).sentence(sentence)]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::History;
    use crate::seen::Seen;

    const MINUTE: u64 = 60;

    /// What is left at each second, of one who reads so much a second of a log with 100 entries a second that it keeps
    /// for an hour, in segments of ten minutes, looked at every five; he begins so many minutes behind.
    fn left(behind: u64, reads: u64, seconds: std::ops::Range<u64>) -> Vec<Option<f64>> {
        let mut trend = RetentionTrend::default();
        let begin = 100_000 * MINUTE;
        let look = |second: u64| {
            let looked = (begin + second) / (5 * MINUTE) * (5 * MINUTE);
            let oldest = 100 * ((looked - 60 * MINUTE) / (10 * MINUTE) * (10 * MINUTE));
            let position = 100 * (begin - behind * MINUTE) + reads * second;
            trend.look(Duration::from_secs(second), Retention { position, oldest, aging: None })
        };
        seconds.map(look).collect()
    }

    #[test]
    fn a_log_that_forgets_by_the_segment_is_known_all_the_time_to_overtake_whoever_stands_still() {
        let left = left(30, 0, 1..41 * MINUTE);

        let known = left.iter().position(Option::is_some).unwrap() as u64;
        assert!((19 * MINUTE..=21 * MINUTE).contains(&known), "with the second segment that goes: {known} s");
        let known = &left[known as usize..];
        assert!(known.iter().all(|left| left.is_some_and(|left| left <= 600.0)), "{known:?}");
        assert_eq!((known[0], known.last()), (Some(600.0), Some(&Some(0.0))));
    }

    #[test]
    fn whoever_reads_as_fast_as_the_log_forgets_is_not_overtaken() {
        for (behind, reads) in [(1, 100), (30, 101), (30, 200)] {
            assert_eq!(
                left(behind, reads, 1..40 * MINUTE).into_iter().flatten().next(),
                None,
                "{behind} {reads}"
            );
        }
    }

    #[test]
    fn a_log_that_forgets_no_longer_overtakes_nobody_in_the_end() {
        let mut trend = RetentionTrend::default();
        let mut look = |second, oldest| {
            trend.look(Duration::from_secs(second), Retention { position: 10_000, oldest, aging: None })
        };

        look(0, 0);
        look(100, 1_000);
        assert_eq!(look(200, 2_000), Some(800.0));
        assert_eq!(look(300, 2_000), Some(800.0));
        assert_eq!(look(1_200, 2_000), Some(8_000.0));
        assert_eq!(look(1_201, 500), None, "it was made anew");
    }

    #[test]
    fn what_comes_near_the_age_at_which_it_goes_is_known_before_anything_has_gone() {
        let mut trend = RetentionTrend::default();
        let mut look = |second, left: Option<f64>| {
            let aging = left.map(|left| Aging { left, waiting: 10_000 });
            trend.look(Duration::from_secs(second), Retention { position: 500, oldest: 0, aging })
        };

        assert_eq!(look(0, Some(600.0)), None, "one look tells nothing");
        assert_eq!(look(5, Some(595.0)), None, "nor do five seconds");
        assert_eq!(look(10, Some(590.0)), Some(590.0), "nothing is read");
        assert_eq!(look(20, Some(585.0)), Some(1_170.0), "5 s nearer in 10");
        assert_eq!(look(30, Some(700.0)), None, "it catches up");
        assert_eq!(look(40, Some(100.0)), Some(100.0), "it is late by 600 s more, and ages by 1 s a second");
        assert_eq!(look(50, Some(-5.0)), None, "its segment is younger: nobody knows when it goes");
        assert_eq!(look(51, None), None);
        assert_eq!(look(62, Some(60.0)), None, "what was seen before was forgotten");
    }

    #[test]
    fn what_was_written_at_once_and_is_read_in_time_is_not_lost() {
        let read = |a_second: u64| {
            let mut trend = RetentionTrend::default();
            let looks = (0..60).map(|second| {
                // 60,000 entries of one moment, in a log that keeps them for twenty minutes.
                let aging = Aging { left: 1_200.0 - second as f64, waiting: 60_000 - a_second * second };
                let now = Retention { position: a_second * second, oldest: 0, aging: Some(aging) };
                trend.look(Duration::from_secs(second), now)
            });
            looks.last().unwrap()
        };

        assert_eq!(read(100), None, "it takes ten minutes");
        assert_eq!(read(10), Some(1_141.0), "it would take 100");
        assert_eq!(read(0), Some(1_141.0));
    }

    #[test]
    fn the_less_of_what_is_left_by_age_and_by_number_counts() {
        let look = |left_at: fn(u64) -> f64| {
            let mut trend = RetentionTrend::default();
            let mut left = None;
            for second in [0, 100, 200] {
                let aging = Some(Aging { left: left_at(second), waiting: 1 });
                let now = Retention { position: 10_000, oldest: second * 10, aging };
                left = trend.look(Duration::from_secs(second), now);
            }
            left
        };

        assert_eq!(look(|_| 50.0), Some(800.0), "it stays as old as it was");
        assert_eq!(look(|second| 1_000.0 - second as f64), Some(800.0));
        assert_eq!(look(|second| 500.0 - second as f64), Some(300.0));
    }

    #[test]
    fn one_who_reads_slower_than_the_log_forgets_is_told_when_it_loses() {
        let stands = Arc::new(Mutex::new(Retention { position: 10_000, ..Retention::default() }));
        let asked = Arc::clone(&stands);
        let check = Retention::check("t", "in", move || Some(*asked.lock().unwrap()));
        let (mut seen, history) = (Seen::nothing(), History::default());
        let start = seen.at;
        let mut look = |seconds: u64, position, oldest| {
            *stands.lock().unwrap() = Retention { position, oldest, aging: None };
            seen.at = start + Duration::from_secs(seconds);
            let readings = check.probe.lock().unwrap().probe(View { seen: &seen, history: &history });
            (readings[0].value, readings[0].sentence.clone().unwrap())
        };

        assert_eq!(look(0, 10_000, 0).0, FOREVER, "one look has no rate");
        assert_eq!(look(10, 10_100, 600).0, FOREVER, "nor has the first that it forgot");
        let (value, sentence) = look(20, 10_200, 1_200);
        assert_eq!(value, 180.0, "10 and 60 a second, and 9000 between them");
        assert_eq!(sentence, "`in` loses entries in 180 s: the log forgets faster than it reads");
        assert_eq!(look(30, 20_000, 1_300).0, FOREVER, "it catches up");
        assert_eq!(look(40, 20_000, 20_001).0, 0.0, "it is too late");
    }
}
