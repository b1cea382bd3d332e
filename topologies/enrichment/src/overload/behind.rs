//! [`Behind`]: what a source says of what is still to be done.

use std::time::Duration;

use squall_ops::Retention;

/// Tells what is behind a source.
///
/// It is asked once a second, and should answer at once from what it knows. A closure is one, too:
///
/// ```
/// use squall_enrichment::{Backlog, Behind};
///
/// let behind = || Backlog { records: 7, done: 100, ..Backlog::default() };
///
/// assert_eq!(behind.backlog().records, 7);
/// ```
pub trait Behind: Send + Sync {
    /// What is behind it now.
    fn backlog(&self) -> Backlog;
}

impl<F: Fn() -> Backlog + Send + Sync> Behind for F {
    fn backlog(&self) -> Backlog {
        self()
    }
}

/// What is behind a source at one moment, as far as this process has to do it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backlog {
    /// Records that are not done: those that wait where they come from, and those that are here.
    pub records: u64,
    /// How long ago the oldest one that is not done was written, if that is known.
    pub age: Option<Duration>,
    /// Records that were written so far where the source reads, since any moment; none if the source cannot tell. Then it
    /// is made of what is done and what became of the backlog.
    pub arrived: Option<u64>,
    /// Records of which everything was done so far.
    pub done: u64,
    /// Records that were gone before they were read.
    pub lost: u64,
    /// Logs that forget, of which one at least is read; a source that nothing forgets before it was read has none.
    pub logs: Vec<Log>,
}

/// How a log stands that forgets its oldest entries, such as a partition of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// What it is called, the same at every look.
    pub name: String,
    /// What is read next, and what there still is.
    pub retention: Retention,
    /// Why it is read no further, in a few words without a stop.
    pub stopped: Option<String>,
}

impl Backlog {
    /// This one and another one together: the age is that of the older one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.records = self.records.saturating_add(other.records);
        self.age = self.age.max(other.age);
        self.arrived = self.arrived.zip(other.arrived).map(|(one, other)| one.saturating_add(other));
        self.done = self.done.saturating_add(other.done);
        self.lost = self.lost.saturating_add(other.lost);
        self.logs.extend(other.logs);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_two_sources_is_added_and_the_older_one_counts() {
        let one = Backlog {
            records: 3,
            age: Some(Duration::from_secs(5)),
            arrived: Some(10),
            done: 7,
            ..Backlog::default()
        };
        let other = Backlog { records: 4, arrived: Some(5), done: 1, lost: 2, ..Backlog::default() };

        let both = one.clone().and(other.clone());

        assert_eq!((both.records, both.done, both.lost, both.arrived), (7, 8, 2, Some(15)));
        assert_eq!(both.age, Some(Duration::from_secs(5)));
        assert_eq!(one.and(Backlog { arrived: None, ..other }).arrived, None, "half of it would be wrong");
    }
}
