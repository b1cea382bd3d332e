//! [`Emit`]: one output stream as a bolt or spout sees it. Emitting is a push.

use std::{cell::RefCell, fmt, rc::Rc};

use crate::{
    anchor::{Anchor, Outcomes},
    batch::{BATCH, Batch, Run},
    delivery::Verdict,
    panics::drop_caught,
};

/// One output stream: a field of an `Outputs` struct, or the whole output as `type Out = Emit<T>`.
pub struct Emit<T> {
    buffer: Rc<RefCell<Buffer<T>>>,
}

/// What was emitted and not handed over yet: `sealed <= finished <= values.len()`.
///
/// The port of the stream looks at the same buffer, so that it can hand over what is sealed while an
/// execute still awaits something.
pub(crate) struct Buffer<T> {
    values: Vec<T>,
    /// Values of executes that have answered `Ok`. What lies behind belongs to the one in hand.
    finished: usize,
    /// Values that the runs cover.
    sealed: usize,
    runs: Vec<Run>,
    /// Values not sealed yet that have claims of their own, by index and in order: hardly ever any.
    tied: Vec<(usize, Anchor)>,
}

impl<T> Emit<T> {
    pub(crate) fn new() -> Self {
        let buffer =
            Buffer { values: Vec::new(), finished: 0, sealed: 0, runs: Vec::new(), tied: Vec::new() };
        Self { buffer: Rc::new(RefCell::new(buffer)) }
    }

    pub(crate) fn buffer(&self) -> Rc<RefCell<Buffer<T>>> {
        Rc::clone(&self.buffer)
    }

    /// Sends a tuple, anchored to the tuple in hand. It leaves when the execute has answered `Ok`.
    #[inline]
    pub fn emit(&mut self, tuple: T) {
        self.buffer.borrow_mut().values.push(tuple);
    }

    /// Sends a tuple, anchored to all these [held](crate::Output::hold) anchors instead of to the tuple in
    /// hand: each of their roots stays pending until the tuple and all that is made of it is done, and fails if
    /// that fails. Without anchors the tuple belongs to no root.
    ///
    /// As every emit, it leaves when the execute (tick, drain) has answered `Ok`. If that fails, the tuple is
    /// lost and so the roots of these anchors fail with it: acking the anchors right behind the emit is safe.
    ///
    /// ```
    /// use squall_core::{Anchor, Bolt, Emit, Output, Result};
    ///
    /// /// Sums up every three numbers.
    /// #[derive(Default)]
    /// struct Threes { held: Vec<(u32, Anchor)> }
    ///
    /// impl Bolt for Threes {
    ///     type In = u32;
    ///     type Out = Emit<u32>;
    ///
    ///     async fn execute(&mut self, n: u32, out: &mut Output<Emit<u32>>) -> Result<()> {
    ///         self.held.push((n, out.hold()));
    ///         if self.held.len() == 3 {
    ///             let sum = self.held.iter().map(|(n, _)| n).sum();
    ///             out.emit_anchored(sum, self.held.iter().map(|(_, anchor)| anchor));
    ///             self.held.drain(..).for_each(|(_, anchor)| anchor.ack());
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn emit_anchored<'a>(&mut self, tuple: T, anchors: impl IntoIterator<Item = &'a Anchor>) {
        // Outside the borrow: the iterator is user code.
        let claim = Anchor::joint(anchors);
        let mut buffer = self.buffer.borrow_mut();
        let at = buffer.values.len();
        buffer.tied.push((at, claim));
        buffer.values.push(tuple);
    }

    /// Copies of what was emitted and is not finished.
    pub(crate) fn copy_unfinished(&self) -> Vec<T>
    where
        T: Clone,
    {
        let buffer = self.buffer.borrow();
        buffer.values.get(buffer.finished..).unwrap_or_default().to_vec()
    }

    /// The execute in hand answered `Ok`. Returns whether the buffer is full.
    #[doc(hidden)]
    #[inline]
    pub fn finish(&mut self) -> bool {
        let mut buffer = self.buffer.borrow_mut();
        buffer.finished = buffer.values.len();
        buffer.finished >= BATCH
    }

    /// The execute in hand failed: what it emitted is forgotten, and fails the roots that it was tied to.
    #[doc(hidden)]
    pub fn discard(&mut self, verdict: &Verdict) {
        let (dropped, tied) = {
            let mut buffer = self.buffer.borrow_mut();
            let finished = buffer.finished;
            let first = buffer.tied.partition_point(|(at, _)| *at < finished);
            (buffer.values.split_off(finished), buffer.tied.split_off(first))
        };
        for (_, claim) in tied {
            claim.fail_for(verdict.clone());
        }
        // Outside the borrow, and caught: whatever a `Drop` of user code does, no stream may keep its part.
        drop_caught(dropped);
    }

    /// Ties the finished values, if any, to their root by another claim on it.
    #[doc(hidden)]
    #[inline]
    pub fn seal_branch(&mut self, anchor: &Anchor) {
        self.buffer.borrow_mut().seal_branch(anchor);
    }

    /// Takes over what is sealed in `from`, whose values are all sealed.
    #[doc(hidden)]
    pub fn append(&mut self, from: &mut Self) {
        self.buffer.borrow_mut().append(&mut from.buffer.borrow_mut());
    }

    /// Ties the finished values to their root.
    #[doc(hidden)]
    #[inline]
    pub fn seal(&mut self, anchor: Anchor, outcomes: &mut Outcomes) {
        if let Some(unused) = self.buffer.borrow_mut().seal(anchor) {
            outcomes.release(unused);
        }
    }
}

impl<T> Buffer<T> {
    /// Covers the finished values by a run; gives the anchor back if there is nothing to cover or the
    /// last run has the same root.
    #[inline]
    pub(crate) fn seal(&mut self, anchor: Anchor) -> Option<Anchor> {
        let len = self.finished - self.sealed;
        if len == 0 {
            return Some(anchor);
        }
        if !self.tied.is_empty() {
            return self.seal_tied(anchor);
        }
        self.sealed = self.finished;
        self.push_run(anchor, len)
    }

    /// [`seal`](Self::seal) where some values have claims of their own.
    #[cold]
    fn seal_tied(&mut self, anchor: Anchor) -> Option<Anchor> {
        let count = self.tied.partition_point(|(at, _)| *at < self.finished);
        for (at, claim) in self.tied.drain(..count).collect::<Vec<_>>() {
            let between = at - self.sealed;
            self.cover(anchor.branch(), between);
            self.cover(claim, 1);
        }
        let rest = self.finished - self.sealed;
        self.cover(anchor.branch(), rest);
        Some(anchor)
    }

    fn cover(&mut self, anchor: Anchor, len: usize) {
        self.sealed += len;
        let unused = if len == 0 { Some(anchor) } else { self.push_run(anchor, len) };
        if let Some(unused) = unused {
            // Another claim on the same root is in the last run, or with the caller.
            unused.ack();
        }
    }

    /// Appends a run, or makes the last one longer and gives the anchor back.
    #[inline]
    fn push_run(&mut self, anchor: Anchor, len: usize) -> Option<Anchor> {
        match self.runs.last_mut() {
            Some(run) if run.anchor.is_same_root(&anchor) => {
                run.len += len;
                Some(anchor)
            }
            _ => {
                self.runs.push(Run { anchor, len });
                None
            }
        }
    }

    #[inline]
    pub(crate) fn seal_branch(&mut self, anchor: &Anchor) {
        if self.finished > self.sealed
            && let Some(unused) = self.seal(anchor.branch())
        {
            unused.ack();
        }
    }

    fn append(&mut self, from: &mut Self) {
        debug_assert!(self.values.len() == self.sealed && from.values.len() == from.sealed);
        self.values.append(&mut from.values);
        for run in from.runs.drain(..) {
            match self.runs.last_mut() {
                Some(last) if last.anchor.is_same_root(&run.anchor) => {
                    last.len += run.len;
                    run.anchor.ack();
                }
                _ => self.runs.push(run),
            }
        }
        (from.finished, from.sealed) = (0, 0);
        (self.finished, self.sealed) = (self.values.len(), self.values.len());
    }

    pub(crate) fn sealed(&self) -> usize {
        self.sealed
    }

    /// Takes what is sealed. The values of the execute in hand stay.
    pub(crate) fn take_sealed(&mut self) -> Batch<T> {
        // The next batch is probably as large as this one.
        let mut open = Vec::with_capacity(self.values.len().min(2 * BATCH));
        open.extend(self.values.drain(self.sealed..));
        let values = std::mem::replace(&mut self.values, open);
        let next_runs = Vec::with_capacity(self.runs.len().min(2 * BATCH));
        let runs = std::mem::replace(&mut self.runs, next_runs);
        for (at, _) in &mut self.tied {
            *at -= self.sealed;
        }
        self.finished -= self.sealed;
        self.sealed = 0;
        Batch::new(values, runs)
    }
}

impl<T> fmt::Debug for Emit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emit").field("buffered", &self.buffer.borrow().values.len()).finish()
    }
}
