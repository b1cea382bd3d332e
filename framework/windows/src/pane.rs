//! [`Pane`]: what is in one window.

use std::{collections::VecDeque, fmt};

use crate::timeline::Entry;

/// One window that is due, with its tuples.
pub struct Pane<'a, T> {
    pub(crate) held: &'a VecDeque<Entry<T>>,
    pub(crate) fresh: usize,
    pub(crate) gone: &'a [T],
    pub(crate) start: Option<i64>,
    pub(crate) end: i64,
    pub(crate) is_whole: bool,
}

impl<T> Pane<'_, T> {
    /// Its tuples: in the order in which they came, in event time by timestamp.
    pub fn tuples(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.held.iter().map(|entry| &entry.value)
    }

    /// Those of its tuples that were in no window before.
    pub fn added(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.held.iter().skip(self.held.len() - self.fresh).map(|entry| &entry.value)
    }

    /// The tuples of the window before that are not in this one.
    pub fn expired(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.gone.iter()
    }

    /// Number of its tuples.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether it has no tuples: never, for such a window is not due.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The time before its first instant, in milliseconds as [`end`](Self::end); `None` for a length in tuples.
    pub fn start(&self) -> Option<i64> {
        self.start
    }

    /// Its last instant, in milliseconds: of the timestamps, or since the task was put together. For a slide in
    /// tuples: the time of its last tuple.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Whether its time or number is full. It is not if it was [flushed](crate::Window::flush_after), or the topology
    /// drains. A function that must not see a part of a window answers an error then: the tuples come again.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

impl<T: fmt::Debug> fmt::Debug for Pane<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pane")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("tuples", &self.tuples().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
