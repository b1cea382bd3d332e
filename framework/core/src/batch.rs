//! [`Batch`]: tuples on their way from one task to another, with their anchors in runs.

use std::collections::VecDeque;

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

/// Tuples in order, and the runs of anchors that cover them: the lengths of the runs add up to the
/// number of values.
pub(crate) struct Batch<T> {
    pub(crate) values: VecDeque<T>,
    pub(crate) runs: VecDeque<Run>,
}

impl<T> Batch<T> {
    pub(crate) fn new() -> Self {
        Self { values: VecDeque::new(), runs: VecDeque::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Appends one tuple. Its anchor is branched only where a new run begins.
    pub(crate) fn push(&mut self, value: T, anchor: &Anchor) {
        self.values.push_back(value);
        match self.runs.back_mut() {
            Some(run) if run.anchor.is_same_root(anchor) => run.len += 1,
            _ => self.runs.push_back(Run { anchor: anchor.branch(), len: 1 }),
        }
    }

    /// Appends one tuple with a claim out of `source`; the last claim is moved, not branched.
    pub(crate) fn push_claim(&mut self, value: T, source: &mut Run) {
        self.values.push_back(value);
        source.len -= 1;
        match self.runs.back_mut() {
            Some(run) if run.anchor.is_same_root(&source.anchor) => run.len += 1,
            _ => {
                let moved = source.len == 0;
                let anchor = if moved { source.anchor.take() } else { source.anchor.branch() };
                self.runs.push_back(Run { anchor, len: 1 });
            }
        }
    }

    /// Takes the first `count` tuples, or all.
    pub(crate) fn take_front(&mut self, count: usize) -> Self {
        if count >= self.len() {
            return std::mem::replace(self, Self::new());
        }
        let values = self.values.drain(..count).collect();
        let mut runs = VecDeque::new();
        let mut left = count;
        while left > 0 {
            let Some(mut run) = self.runs.pop_front() else { break };
            if run.len > left {
                run.len -= left;
                runs.push_back(Run { anchor: run.anchor.branch(), len: left });
                self.runs.push_front(run);
                break;
            }
            left -= run.len;
            runs.push_back(run);
        }
        Self { values, runs }
    }

    /// Takes the claim of the first tuple out of its run.
    pub(crate) fn pop_claim(&mut self) -> Option<Anchor> {
        let run = self.runs.front_mut()?;
        if run.len > 1 {
            run.len -= 1;
            return Some(run.anchor.branch());
        }
        self.runs.pop_front().map(|run| run.anchor)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn untracked(values: impl IntoIterator<Item = u32>) -> Batch<u32> {
        let mut batch = Batch::new();
        for value in values {
            batch.push(value, &Anchor::NONE);
        }
        batch
    }

    #[test]
    fn a_split_batch_keeps_order_and_lengths() {
        let mut rest = untracked(0..10);

        let head = rest.take_front(4);

        assert_eq!(head.values, [0, 1, 2, 3]);
        assert_eq!(rest.values, [4, 5, 6, 7, 8, 9]);
        assert_eq!(head.runs.iter().map(|run| run.len).sum::<usize>(), 4);
        assert_eq!(rest.runs.iter().map(|run| run.len).sum::<usize>(), 6);
    }

    #[test]
    fn neighbours_without_a_root_share_one_run() {
        let batch = untracked(0..3);
        assert_eq!(batch.runs.iter().map(|run| run.len).collect::<Vec<_>>(), [3]);
    }
}
