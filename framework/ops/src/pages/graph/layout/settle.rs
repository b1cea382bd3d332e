//! How high everything stands: each slot as near to the middle of its links as its neighbours in the column let it.

use super::slots::{Side, Slots};

/// Free between two slots of a column, in pixels.
const FREE: i32 = 26;

/// Passes over all columns, there and back; then nothing moves by as much as a pixel any more.
const PASSES: usize = 16;

/// How much more a passing line wants to be straight than a component wants to stand in the middle.
const STRAIGHTNESS: f64 = 6.0;

/// The middle of each slot, in pixels from the top.
pub(super) fn settle(slots: &Slots) -> Vec<i32> {
    let mut heights = vec![0.0; slots.len()];
    for layer in &slots.layers {
        // From the middle line up and down, so that columns start out centred.
        let offsets = offsets(slots, layer);
        let half = offsets.last().copied().unwrap_or_default() / 2.0;
        for (slot, offset) in layer.iter().zip(offsets) {
            put(&mut heights, *slot, offset - half);
        }
    }
    for pass in 0..PASSES {
        let forth = pass % 2 == 0;
        let columns: Vec<&Vec<usize>> =
            if forth { slots.layers.iter().collect() } else { slots.layers.iter().rev().collect() };
        for layer in columns {
            settle_layer(slots, layer, &mut heights, forth);
        }
    }
    let top = (0..).zip(&heights).map(|(slot, middle)| middle - f64::from(slots.half(slot)));
    let top = top.fold(f64::INFINITY, f64::min);
    heights.into_iter().map(|middle| (middle - top).round() as i32).collect()
}

fn settle_layer(slots: &Slots, layer: &[usize], heights: &mut [f64], forth: bool) {
    let offsets = offsets(slots, layer);
    let near = if forth { Side::Before } else { Side::Behind };
    let far = if forth { Side::Behind } else { Side::Before };
    let wanted = layer.iter().zip(&offsets).map(|(slot, offset)| {
        let weight = if slots.is_component(*slot) { 1.0 } else { STRAIGHTNESS };
        // What is linked on one side only has nothing else to stand by.
        let middle = middle(slots, *slot, near, heights).or_else(|| middle(slots, *slot, far, heights));
        (middle.unwrap_or_else(|| at(heights, *slot)) - offset, weight)
    });
    let settled = rising(wanted);
    for ((slot, offset), height) in layer.iter().zip(offsets).zip(settled) {
        put(heights, *slot, height + offset);
    }
}

fn middle(slots: &Slots, slot: usize, side: Side, heights: &[f64]) -> Option<f64> {
    let links = slots.links(slot, side);
    let sum: f64 = links.iter().map(|link| at(heights, *link)).sum();
    (!links.is_empty()).then(|| sum / links.len() as f64)
}

/// How far below the first slot of a column each has to be at least.
fn offsets(slots: &Slots, layer: &[usize]) -> Vec<f64> {
    let mut offset = 0;
    let mut last = None;
    let next = |slot: &usize| {
        let half = slots.half(*slot);
        offset += last.map_or(0, |last| last + FREE + half);
        last = Some(half);
        f64::from(offset)
    };
    layer.iter().map(next).collect()
}

/// The numbers nearest to the wanted ones, by squares and weights, of which none is less than the one before: those that
/// are in each other's way are pooled and get their average.
pub(super) fn rising(wanted: impl IntoIterator<Item = (f64, f64)>) -> Vec<f64> {
    /// What got one number.
    struct Pool {
        average: f64,
        weight: f64,
        count: usize,
    }
    let mut pools: Vec<Pool> = Vec::new();
    for (average, weight) in wanted {
        let mut pool = Pool { average, weight, count: 1 };
        while let Some(last) = pools.pop_if(|last| last.average > pool.average) {
            let weight = last.weight + pool.weight;
            pool.average = (last.average * last.weight + pool.average * pool.weight) / weight;
            pool = Pool { weight, count: last.count + pool.count, ..pool };
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|pool| std::iter::repeat_n(pool.average, pool.count)).collect()
}

fn at(heights: &[f64], slot: usize) -> f64 {
    heights.get(slot).copied().unwrap_or_default()
}

fn put(heights: &mut [f64], slot: usize, height: f64) {
    if let Some(place) = heights.get_mut(slot) {
        *place = height;
    }
}
