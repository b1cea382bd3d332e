//! [`Batch`]: tuples on their way from one task to another, with their anchors in runs.

use std::vec;

use crate::anchor::Anchor;

/// Tuples a port gathers before it hands them over; also the most that a task takes from its inbox at once.
///
/// 256: the cost of a hand-over (a lock, perhaps a wake-up) is spread thin, and the batch of a slow bolt
/// is short enough to be redistributed.
pub const BATCH: usize = 256;

/// Neighbouring tuples of one root. A spout that tracks per batch pays for one anchor per batch.
pub(crate) struct Run {
    pub(crate) anchor: Anchor,
    pub(crate) len: usize,
}

impl Run {
    /// Takes the claim of one tuple out; the last claim is moved, not branched.
    pub(crate) fn claim(&mut self) -> Anchor {
        self.len -= 1;
        if self.len == 0 { self.anchor.take() } else { self.anchor.branch() }
    }
}

/// Tuples in order, and the runs of anchors that cover them: the lengths of the runs add up to the
/// number of values. It is read from the front; a [`Filling`] becomes one without copying.
pub(crate) struct Batch<T> {
    values: vec::IntoIter<T>,
    runs: vec::IntoIter<Run>,
}

impl<T> Batch<T> {
    pub(crate) fn empty() -> Self {
        Self { values: Vec::new().into_iter(), runs: Vec::new().into_iter() }
    }

    pub(crate) fn new(values: Vec<T>, runs: Vec<Run>) -> Self {
        Self { values: values.into_iter(), runs: runs.into_iter() }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn values(&self) -> &[T] {
        self.values.as_slice()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn next_value(&mut self) -> Option<T> {
        self.values.next()
    }

    #[inline]
    pub(crate) fn next_run(&mut self) -> Option<Run> {
        self.runs.next()
    }

    pub(crate) fn first_run(&mut self) -> Option<&mut Run> {
        self.runs.as_mut_slice().first_mut()
    }

    /// Puts the rest of a run back in front of the others.
    pub(crate) fn unread(&mut self, run: Run) {
        let runs = std::mem::replace(&mut self.runs, Vec::new().into_iter());
        self.runs = std::iter::once(run).chain(runs).collect::<Vec<_>>().into_iter();
    }

    /// Takes the first `count` values without their runs.
    pub(crate) fn take_values(&mut self, count: usize) -> Vec<T> {
        self.values.by_ref().take(count).collect()
    }

    /// Takes the first `count` tuples, or all.
    pub(crate) fn take_front(&mut self, count: usize) -> Self {
        if count >= self.len() {
            return std::mem::replace(self, Self::empty());
        }
        let values = self.take_values(count);
        let mut runs = Vec::new();
        let mut left = count;
        while left > 0 {
            let Some(first) = self.first_run() else { break };
            if first.len > left {
                first.len -= left;
                runs.push(Run { anchor: first.anchor.branch(), len: left });
                break;
            }
            left -= first.len;
            runs.extend(self.next_run());
        }
        Self::new(values, runs)
    }

    /// Takes the claim of the first tuple out of its run.
    pub(crate) fn pop_claim(&mut self) -> Option<Anchor> {
        let run = self.first_run()?;
        if run.len > 1 {
            run.len -= 1;
            return Some(run.anchor.branch());
        }
        self.next_run().map(|run| run.anchor)
    }
}

/// A batch that is being put together.
pub(crate) struct Filling<T> {
    values: Vec<T>,
    runs: Vec<Run>,
}

impl<T> Filling<T> {
    pub(crate) fn with_capacity(values: usize) -> Self {
        Self { values: Vec::with_capacity(values), runs: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends one tuple. Its anchor is branched only where a new run begins.
    pub(crate) fn push(&mut self, value: T, anchor: &Anchor) {
        self.values.push(value);
        match self.runs.last_mut() {
            Some(run) if run.anchor.is_same_root(anchor) => run.len += 1,
            _ => self.runs.push(Run { anchor: anchor.branch(), len: 1 }),
        }
    }

    /// Appends one tuple with a claim out of `source`; the last claim is moved, not branched.
    pub(crate) fn push_claim(&mut self, value: T, source: &mut Run) {
        self.values.push(value);
        source.len -= 1;
        match self.runs.last_mut() {
            Some(run) if run.anchor.is_same_root(&source.anchor) => run.len += 1,
            _ => {
                let is_last = source.len == 0;
                let anchor = if is_last { source.anchor.take() } else { source.anchor.branch() };
                self.runs.push(Run { anchor, len: 1 });
            }
        }
    }

    /// Takes what was put together. The next batch will probably need as much room.
    pub(crate) fn take(&mut self) -> Batch<T> {
        let values = Vec::with_capacity(self.values.len());
        let runs = Vec::with_capacity(self.runs.len());
        Batch::new(std::mem::replace(&mut self.values, values), std::mem::replace(&mut self.runs, runs))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn untracked(values: impl IntoIterator<Item = u32>) -> Batch<u32> {
        let mut filling = Filling::with_capacity(0);
        for value in values {
            filling.push(value, &Anchor::NONE);
        }
        filling.take()
    }

    #[test]
    fn a_split_batch_keeps_order_and_lengths() {
        let mut rest = untracked(0..10);

        let head = rest.take_front(4);

        assert_eq!(head.values.as_slice(), [0, 1, 2, 3]);
        assert_eq!(rest.values.as_slice(), [4, 5, 6, 7, 8, 9]);
        assert_eq!(head.runs.map(|run| run.len).sum::<usize>(), 4);
        assert_eq!(rest.runs.map(|run| run.len).sum::<usize>(), 6);
    }

    #[test]
    fn neighbours_without_a_root_share_one_run() {
        let batch = untracked(0..3);
        assert_eq!(batch.runs.map(|run| run.len).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_run_that_is_read_again_comes_first() {
        let mut batch = untracked(0..3);
        batch.unread(Run { anchor: Anchor::NONE, len: 7 });
        assert_eq!(batch.runs.map(|run| run.len).collect::<Vec<_>>(), [7, 3]);
    }
}
