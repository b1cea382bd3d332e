//! [`Slots`]: what takes room in a column.

use super::{GAP, HEIGHT, Shape, WIDTH};

/// Half the height of a line that passes a column.
const HALF_LINE: i32 = 9;

/// The components, and behind them a slot for each column that a line passes.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// So many of the slots are components.
    components: usize,
    /// The column of each slot.
    pub(super) ranks: Vec<usize>,
    /// Those of the column before that each slot is linked to.
    before: Vec<Vec<usize>>,
    /// Those of the column behind.
    behind: Vec<Vec<usize>>,
    /// The slots of each column, from the top.
    pub(super) layers: Vec<Vec<usize>>,
    /// Each line: its two ends, and what it passes between them.
    pub(super) chains: Vec<Vec<usize>>,
}

/// A direction along the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
}

impl Slots {
    pub(super) fn new(shape: &Shape, ranks: &[usize]) -> Self {
        let columns = ranks.iter().max().map_or(0, |last| last + 1);
        let mut slots = Self {
            components: shape.len(),
            ranks: Vec::new(),
            before: Vec::new(),
            behind: Vec::new(),
            layers: vec![Vec::new(); columns],
            chains: Vec::new(),
        };
        for rank in ranks {
            slots.add(*rank);
        }
        for (from, to) in shape.edges() {
            let chain = slots.chain(from, to);
            slots.chains.push(chain);
        }
        slots
    }

    pub(super) fn len(&self) -> usize {
        self.ranks.len()
    }

    /// The slots that one is linked to on a side.
    pub(super) fn links(&self, slot: usize, side: Side) -> &[usize] {
        let links = match side {
            Side::Before => &self.before,
            Side::Behind => &self.behind,
        };
        links.get(slot).map_or(&[], Vec::as_slice)
    }

    pub(super) fn rank(&self, slot: usize) -> usize {
        self.ranks.get(slot).copied().unwrap_or_default()
    }

    pub(super) fn is_component(&self, slot: usize) -> bool {
        slot < self.components
    }

    /// Half the height of a slot.
    pub(super) fn half(&self, slot: usize) -> i32 {
        if self.is_component(slot) { HEIGHT / 2 } else { HALF_LINE }
    }

    fn add(&mut self, rank: usize) -> usize {
        let slot = self.ranks.len();
        self.ranks.push(rank);
        self.before.push(Vec::new());
        self.behind.push(Vec::new());
        if let Some(layer) = self.layers.get_mut(rank) {
            layer.push(slot);
        }
        slot
    }

    /// Links two components by way of every column between them.
    fn chain(&mut self, from: usize, to: usize) -> Vec<usize> {
        let mut chain = vec![from];
        for rank in self.rank(from) + 1..self.rank(to) {
            chain.push(self.add(rank));
        }
        chain.push(to);
        for (left, right) in chain.iter().zip(chain.iter().skip(1)) {
            self.link(*left, *right);
        }
        chain
    }

    fn link(&mut self, left: usize, right: usize) {
        if let Some(behind) = self.behind.get_mut(left) {
            behind.push(right);
        }
        if let Some(before) = self.before.get_mut(right) {
            before.push(left);
        }
    }
}

/// The left edge of a column.
pub(super) fn left_of(rank: usize) -> i32 {
    i32::try_from(rank).unwrap_or(i32::MAX / 1024) * (WIDTH + GAP)
}
