//! [`Timeline`]: which tuple is in which pane.
//!
//! Tuples come in the order of their times, and every pane that ends before a tuple is taken out before the tuple is
//! put in. So what is held is at any moment the pane that comes next, as far as it has come.

use std::collections::VecDeque;

use squall_core::{Anchor, Error};

use crate::{
    pane::Pane,
    window::{Span, Window, millis},
};

/// A tuple that is in a pane to come.
pub(crate) struct Entry<T> {
    at: i64,
    pub(crate) value: T,
    pub(crate) anchor: Anchor,
}

/// The tuples of the panes to come.
pub(crate) struct Timeline<T> {
    window: Window,
    held: VecDeque<Entry<T>>,
    /// The last so many of them were in no pane yet.
    fresh: usize,
    /// Tuples of the last pane that are in no other.
    gone: Vec<T>,
    /// Tuples since the last pane.
    since: usize,
    /// The end of the last pane.
    past: Option<i64>,
}

impl<T> Timeline<T> {
    pub(crate) fn new(window: Window) -> Self {
        Self { window, held: VecDeque::new(), fresh: 0, gone: Vec::new(), since: 0, past: None }
    }

    /// No pane ends at or before `past`.
    pub(crate) fn begin_at(mut self, past: i64) -> Self {
        self.past = Some(past);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(crate) fn anchors(&self) -> impl Iterator<Item = &Anchor> {
        self.held.iter().map(|entry| &entry.anchor)
    }

    /// Takes a tuple in. Panes that end before `at` are not due any more.
    pub(crate) fn push(&mut self, at: i64, value: T, anchor: Anchor) {
        // What comes within the very millisecond in which a pane was taken out is in the next one.
        let at = match (self.window.slide(), self.past) {
            (Span::Time(_), Some(past)) => at.max(past.saturating_add(1)),
            _ => at,
        };
        self.lapse(at);
        self.held.push_back(Entry { at, value, anchor });
        self.fresh += 1;
        self.since += 1;
        if let Span::Tuples(length) = self.window.length() {
            self.keep(length);
        }
    }

    /// The end of the next pane, if that is not after `now`.
    pub(crate) fn due(&self, now: i64) -> Option<i64> {
        match self.window.slide() {
            Span::Tuples(slide) if self.since < slide => None,
            Span::Tuples(_) => self.held.back().map(|last| last.at),
            Span::Time(_) => self.next_end().filter(|end| *end <= now),
        }
    }

    /// The end of the pane that is due although it is not whole, if anything is in it that was in none.
    pub(crate) fn rest(&self, now: Option<i64>) -> Option<i64> {
        if self.fresh == 0 {
            return None;
        }
        match self.window.slide() {
            Span::Tuples(_) => self.held.back().map(|last| last.at),
            Span::Time(_) => now.or_else(|| self.next_end()),
        }
    }

    /// The first multiple of the slide with something to show.
    fn next_end(&self) -> Option<i64> {
        let slide = millis(self.window.slide().time()).max(1);
        let first = match self.window.length() {
            Span::Time(_) => self.held.front(),
            // The same tuples again would be no news.
            Span::Tuples(_) => self.held.get(self.held.len() - self.fresh),
        };
        let from = self.past.map_or(i64::MIN, |past| past.saturating_add(1));
        Some(align_up(first?.at.max(from), slide))
    }

    /// What is in the pane that ends here.
    pub(crate) fn pane(&self, end: i64, is_whole: bool) -> Pane<'_, T> {
        let start = match self.window.length() {
            Span::Time(length) => Some(end.saturating_sub(millis(length))),
            Span::Tuples(_) => None,
        };
        Pane { held: &self.held, fresh: self.fresh, gone: &self.gone, start, end, is_whole }
    }

    /// The pane that ends here is done: lets go of what is in no other.
    pub(crate) fn pass(&mut self, end: i64) {
        self.begin_after(end);
        match (self.window.length(), self.window.slide()) {
            (Span::Time(length), Span::Time(slide)) => {
                let next = end.saturating_add(millis(slide));
                self.drop_until(next.saturating_sub(millis(length)));
            }
            (Span::Tuples(length), Span::Tuples(slide)) => self.keep(length - slide),
            _ => {}
        }
    }

    /// The pane that ends here has failed, and its tuples with it.
    pub(crate) fn refuse(&mut self, end: i64, error: &Error) {
        self.begin_after(end);
        for entry in self.held.drain(..) {
            entry.anchor.refuse(error);
        }
    }

    /// Lets go of everything.
    pub(crate) fn clear(&mut self) {
        self.keep(0);
        self.gone.clear();
    }

    /// Every pane that ends at `now` or before is over, also one that was empty and so never due: what comes within
    /// the same millisecond is in the next one.
    pub(crate) fn close(&mut self, now: i64) {
        if let Span::Time(_) = self.window.slide() {
            self.past = self.past.max(Some(now));
        }
    }

    /// Where panes are due by number: lets go of what is too old for any pane that ends at `now` or later.
    pub(crate) fn lapse(&mut self, now: i64) {
        if let (Span::Time(length), Span::Tuples(_)) = (self.window.length(), self.window.slide()) {
            self.drop_until(now.saturating_sub(millis(length)));
        }
    }

    fn begin_after(&mut self, end: i64) {
        (self.past, self.since, self.fresh) = (Some(end), 0, 0);
        self.gone.clear();
    }

    fn drop_until(&mut self, last: i64) {
        while self.held.front().is_some_and(|first| first.at <= last) {
            self.drop_first();
        }
    }

    fn keep(&mut self, newest: usize) {
        while self.held.len() > newest {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let was_shown = self.held.len() > self.fresh;
        let Some(first) = self.held.pop_front() else { return };
        first.anchor.ack();
        if was_shown {
            self.gone.push(first.value);
        } else {
            self.fresh -= 1;
        }
    }
}

/// The least multiple of `step` that is not less than `at`.
fn align_up(at: i64, step: i64) -> i64 {
    match at.rem_euclid(step) {
        0 => at,
        above => at.saturating_add(step - above),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test a panic is the message")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ends_are_multiples_of_the_slide_before_and_behind_zero() {
        let aligned = [-11, -10, -1, 0, 1, 10, 11].map(|at| align_up(at, 10));
        assert_eq!(aligned, [-10, -10, 0, 0, 10, 10, 20]);
    }

    #[test]
    fn a_time_at_the_end_of_all_times_does_no_harm() {
        let second = Duration::from_secs(1);
        let mut timeline = Timeline::new(Window::sliding(10 * second, second).unwrap());
        for at in [i64::MIN, 0, i64::MAX - 1] {
            while let Some(end) = timeline.due(at) {
                timeline.pass(end);
            }
            timeline.push(at, at, Anchor::joint([]));
        }
        assert_eq!(timeline.due(i64::MAX), Some(i64::MAX));
    }

    #[test]
    fn a_long_gap_costs_no_more_than_the_panes_that_have_something_to_show() {
        let mut timeline =
            Timeline::new(Window::sliding(Duration::from_secs(1), Duration::from_millis(100)).unwrap());
        timeline.push(5, 'a', Anchor::joint([]));

        let mut ends = Vec::new();
        while let Some(end) = timeline.due(i64::MAX / 2) {
            ends.push(end);
            timeline.pass(end);
        }

        assert_eq!(ends, (1..=10).map(|n| n * 100).collect::<Vec<_>>());
        assert!(timeline.is_empty());
    }
}
