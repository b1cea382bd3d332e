//! [`Order`]: the watermark, and what waits for it.

use std::collections::BTreeMap;

use squall_core::Anchor;

use crate::{event_time::EventTime, watermark::Watermark};

/// Tuples that the watermark has not reached, by timestamp.
pub(crate) struct Order<T> {
    waiting: BTreeMap<(i64, u64), (T, Anchor)>,
    /// Tells apart tuples with one timestamp, and keeps their order.
    arrivals: u64,
    /// By source.
    latest: Vec<Option<i64>>,
    lag: i64,
    /// No timestamp before it will be taken. `None`: not every source has spoken.
    watermark: Option<i64>,
    shown: Option<Watermark>,
}

impl<T: 'static> Order<T> {
    pub(crate) fn new(time: &EventTime<T>) -> Self {
        let latest = vec![None; time.count()];
        let (lag, shown) = (time.lag_millis(), time.shown().cloned());
        Self { waiting: BTreeMap::new(), arrivals: 0, latest, lag, watermark: None, shown }
    }

    pub(crate) fn watermark(&self) -> Option<i64> {
        self.watermark
    }

    pub(crate) fn is_late(&self, at: i64) -> bool {
        self.watermark.is_some_and(|watermark| at < watermark)
    }

    pub(crate) fn push(&mut self, at: i64, source: usize, value: T, anchor: Anchor) {
        self.arrivals += 1;
        self.waiting.insert((at, self.arrivals), (value, anchor));
        if let Some(latest) = self.latest.get_mut(source) {
            *latest = (*latest).max(Some(at));
        }
        // `None` is the least: it waits for the source that has not spoken.
        if let Some(least) = self.latest.iter().copied().min().flatten() {
            self.pass(least.saturating_sub(self.lag));
        }
    }

    /// The watermark goes on, never back.
    pub(crate) fn pass(&mut self, watermark: i64) {
        self.watermark = self.watermark.max(Some(watermark));
        if let Some(shown) = &self.shown {
            shown.pass(watermark);
        }
    }

    /// The next tuple, by timestamp, that the watermark has passed.
    pub(crate) fn release(&mut self) -> Option<(i64, T, Anchor)> {
        let watermark = self.watermark?;
        self.waiting.first_entry().filter(|first| first.key().0 < watermark).map(|first| {
            let ((at, _), (value, anchor)) = first.remove_entry();
            (at, value, anchor)
        })
    }

    /// The next tuple by timestamp, whatever the watermark says.
    pub(crate) fn take_first(&mut self) -> Option<(i64, T, Anchor)> {
        self.waiting.pop_first().map(|((at, _), (value, anchor))| (at, value, anchor))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test a panic is the message")]
mod tests {
    use super::*;

    fn order(sources: usize) -> Order<usize> {
        let time = EventTime::of(|_: &usize| 0).lag(5).unwrap();
        Order::new(&time.sources(sources, |source| *source).unwrap())
    }

    fn track(order: &mut Order<usize>, source: usize, at: i64) {
        order.push(at, source, source, Anchor::joint([]));
    }

    #[test]
    fn the_watermark_is_the_latest_timestamp_less_the_lag() {
        let mut order = order(1);
        assert_eq!(order.watermark(), None);

        track(&mut order, 0, 100);
        track(&mut order, 0, 110);
        assert_eq!(order.watermark(), Some(105));
        track(&mut order, 0, 104);

        assert_eq!(order.watermark(), Some(105), "what comes out of order does not set it back");
    }

    #[test]
    fn of_two_sources_the_one_behind_counts() {
        let mut order = order(2);
        track(&mut order, 0, 100);
        track(&mut order, 0, 110);
        assert_eq!(order.watermark(), None, "one has not spoken");

        track(&mut order, 1, 95);
        track(&mut order, 1, 98);

        assert_eq!(order.watermark(), Some(93));
    }

    #[test]
    fn of_several_tasks_the_one_ahead_is_shown() {
        let mark = Watermark::default();
        let time = EventTime::of(|_: &usize| 0).lag(5).unwrap().show(&mark);
        let (mut one, mut other) = (Order::new(&time), Order::new(&time.clone()));
        assert_eq!(mark.get(), None);

        track(&mut one, 0, 100);
        track(&mut other, 0, 90);

        assert_eq!(mark.get(), Some(95));
    }

    #[test]
    fn what_is_before_the_watermark_is_late_and_what_is_at_it_is_not() {
        let mut order = order(1);
        track(&mut order, 0, 100);
        track(&mut order, 0, 110);

        assert!(!order.is_late(105));
        assert!(order.is_late(104));
        track(&mut order, 0, 115);
        assert_eq!(order.watermark(), Some(110));
    }

    #[test]
    fn tuples_leave_by_timestamp_and_then_as_they_came() {
        let mut order = order(1);
        for (at, value) in [(105, 1), (101, 2), (105, 3), (120, 4)] {
            order.push(at, 0, value, Anchor::joint([]));
        }

        let released: Vec<_> =
            std::iter::from_fn(|| order.release()).map(|(at, value, _)| (at, value)).collect();

        assert_eq!(released, [(101, 2), (105, 1), (105, 3)]);
        assert_eq!(order.take_first().map(|(at, _, _)| at), Some(120));
        assert!(order.is_empty());
    }
}
