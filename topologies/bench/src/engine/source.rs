//! The spout of every throughput case.

use std::sync::{Arc, atomic::Ordering};

use squall::{Tuple, prelude::*};

use super::Totals;
use crate::{
    case::{ROOT_SPAN, Tracking},
    text::Text,
    work,
};

/// The most that one call of `next` emits.
const BURST: u64 = 256;

/// Makes the tuples of a source.
pub(crate) trait Make: 'static {
    /// What it makes.
    type Tuple: Tuple;

    /// Makes the tuple at `index`; a replay makes it again.
    fn make(&mut self, index: u64) -> Self::Tuple;
}

/// Constants.
#[derive(Debug)]
pub(crate) struct Constants;

impl Make for Constants {
    type Tuple = u64;

    #[inline]
    fn make(&mut self, _index: u64) -> u64 {
        work::constant()
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(crate) struct Lines(pub(crate) Arc<Text>);

impl Make for Lines {
    type Tuple = String;

    #[inline]
    fn make(&mut self, index: u64) -> String {
        self.0.line(index).to_owned()
    }
}

/// Emits a number of tuples and replays the roots that fail.
#[derive(Debug)]
pub(crate) struct Source<M> {
    emissions: u64,
    emitted: u64,
    tracking: Tracking,
    failed: Vec<u64>,
    acked: u64,
    make: M,
    totals: Arc<Totals>,
}

impl<M: Make> Source<M> {
    pub(crate) fn new(emissions: u64, tracking: Tracking, make: M, totals: Arc<Totals>) -> Self {
        Self { emissions, emitted: 0, tracking, failed: Vec::new(), acked: 0, make, totals }
    }

    fn emit_untracked(&mut self, out: &mut SpoutOutput<Emit<M::Tuple>, u64>) -> Next {
        let burst = BURST.min(self.emissions - self.emitted);
        let stream = out.untracked();
        for index in self.emitted..self.emitted + burst {
            stream.emit(self.make.make(index));
        }
        self.emitted += burst;
        if burst == 0 { Next::End } else { Next::Emitted }
    }

    /// Emits roots of `span` tuples each; the id of a root says which tuples are its own.
    fn emit_roots(&mut self, span: u64, out: &mut SpoutOutput<Emit<M::Tuple>, u64>) -> Next {
        let roots = (BURST / span).min(out.room() as u64);
        for _ in 0..roots {
            let Some(id) = self.next_root(span) else { return Next::End };
            let root = out.track(id);
            for index in id * span..self.emissions.min((id + 1) * span) {
                root.emit(self.make.make(index));
            }
        }
        Next::Emitted
    }

    fn next_root(&mut self, span: u64) -> Option<u64> {
        if let Some(id) = self.failed.pop() {
            return Some(id);
        }
        let is_left = self.emitted < self.emissions;
        is_left.then(|| {
            let id = self.emitted / span;
            self.emitted += span;
            id
        })
    }
}

impl<M: Make> Spout for Source<M> {
    type Id = u64;
    type Out = Emit<M::Tuple>;

    async fn next(&mut self, out: &mut SpoutOutput<Self::Out, u64>) -> Result<Next> {
        Ok(match self.tracking {
            Tracking::None => self.emit_untracked(out),
            Tracking::Tuple => self.emit_roots(1, out),
            Tracking::Batch => self.emit_roots(ROOT_SPAN as u64, out),
        })
    }

    async fn ack(&mut self, _id: u64) {
        self.acked += 1;
    }

    async fn fail(&mut self, id: u64, _why: Reason) {
        self.failed.push(id);
    }

    async fn close(&mut self) {
        self.totals.acked.fetch_add(self.acked, Ordering::Relaxed);
    }
}
