//! [`Layout`]: where the components of a topology stand, from left to right.
//!
//! Each component gets a column behind all that it reads from. What passes a column takes a slot in it, as if it were a
//! small component, so that no line runs below a box. The slots of a column are then put in an order with few crossings,
//! and moved up and down until lines are as straight as the others let them be.

mod order;
mod rank;
mod route;
mod settle;
mod slots;
#[cfg(test)]
mod tests;

use slots::Slots;

/// The width of a component, in pixels.
pub(super) const WIDTH: i32 = 168;
/// The height of a component, in pixels.
pub(super) const HEIGHT: i32 = 64;
/// Between two columns, in pixels: room for a line and what it carries.
pub(super) const GAP: i32 = 92;

/// Who reads from whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// For each component, those that it reads from.
    reads: Vec<Vec<usize>>,
}

impl Shape {
    /// The shape in which each component reads from these, which come before it.
    ///
    /// A line is drawn once, however many streams there are. What does not come before is left out: a plan has no such
    /// thing.
    pub(super) fn new(reads: impl IntoIterator<Item = Vec<usize>>) -> Self {
        let only_before = |(index, mut from): (usize, Vec<usize>)| {
            from.retain(|from| *from < index);
            from.sort_unstable();
            from.dedup();
            from
        };
        Self { reads: reads.into_iter().enumerate().map(only_before).collect() }
    }

    /// How many components there are.
    pub(super) fn len(&self) -> usize {
        self.reads.len()
    }

    /// From whom to whom, in the order of the readers.
    pub(super) fn edges(&self) -> impl Iterator<Item = (usize, usize)> {
        self.reads.iter().enumerate().flat_map(|(to, reads)| reads.iter().map(move |from| (*from, to)))
    }
}

/// Where everything stands; the upper left corner of it all is (0, 0).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// The upper left corner of each component.
    pub(super) nodes: Vec<Point>,
    /// The columns of the components, from 0.
    pub(super) columns: Vec<usize>,
    /// In the order of [`Shape::edges`].
    pub(super) lines: Vec<Line>,
}

/// A place, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A line from one component to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    /// It curves from the first to the second, runs straight to the third, curves to the fourth, and so on.
    pub(super) bends: Vec<Point>,
    /// The middle of what is written at it.
    pub(super) label: Point,
}

impl Layout {
    /// Lays a shape out. The same shape always gets the same layout.
    pub(super) fn of(shape: &Shape) -> Self {
        let ranks = rank::ranks(shape);
        let mut slots = Slots::new(shape, &ranks);
        order::untangle(&mut slots);
        let heights = settle::settle(&slots);
        let lines = route::lines(&slots, &heights);
        let columns = slots.layers.len();
        let nodes = ranks
            .iter()
            .zip(&heights)
            .map(|(rank, middle)| Point { x: slots::left_of(*rank), y: middle - HEIGHT / 2 });
        let bottom = (0..slots.len()).zip(&heights).map(|(slot, middle)| middle + slots.half(slot)).max();
        Self {
            width: if columns == 0 { 0 } else { slots::left_of(columns) - GAP },
            height: bottom.unwrap_or_default(),
            nodes: nodes.collect(),
            columns: ranks,
            lines,
        }
    }
}
