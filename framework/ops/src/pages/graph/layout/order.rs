//! In which order the slots of a column stand: the one with the fewest crossings that a few sweeps find.

use super::slots::{Side, Slots};

/// Sweeps over all columns, there and back. More of them rarely find anything better.
const SWEEPS: usize = 12;

/// Orders the slots of every column.
pub(super) fn untangle(slots: &mut Slots) {
    let mut places = Places::of(slots);
    let mut best = (places.crossings(slots), slots.layers.clone());
    for sweep in 0..SWEEPS {
        if best.0 == 0 {
            break;
        }
        places.sweep(slots, if sweep % 2 == 0 { Side::Before } else { Side::Behind });
        let crossings = places.crossings(slots);
        if crossings < best.0 {
            best = (crossings, slots.layers.clone());
        }
    }
    slots.layers = best.1;
}

/// Where each slot stands in its column.
struct Places(Vec<usize>);

impl Places {
    fn of(slots: &Slots) -> Self {
        let mut places = Self(vec![0; slots.len()]);
        slots.layers.iter().for_each(|layer| places.note(layer));
        places
    }

    fn of_slot(&self, slot: usize) -> usize {
        self.0.get(slot).copied().unwrap_or_default()
    }

    fn note(&mut self, layer: &[usize]) {
        for (at, slot) in layer.iter().enumerate() {
            if let Some(place) = self.0.get_mut(*slot) {
                *place = at;
            }
        }
    }

    /// Orders each column by the middle of what its slots are linked to on one side.
    fn sweep(&mut self, slots: &mut Slots, side: Side) {
        let columns = 0..slots.layers.len();
        let columns: Vec<usize> =
            if side == Side::Before { columns.collect() } else { columns.rev().collect() };
        for column in columns {
            let Some(mut layer) = slots.layers.get_mut(column).map(std::mem::take) else { continue };
            let middles: Vec<f64> = layer.iter().map(|slot| self.middle(slots, *slot, side)).collect();
            let mut sorted: Vec<(f64, usize)> = middles.into_iter().zip(layer.iter().copied()).collect();
            // Stable: what is equal stays as it was.
            sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
            layer.clear();
            layer.extend(sorted.into_iter().map(|(_, slot)| slot));
            self.note(&layer);
            if let Some(place) = slots.layers.get_mut(column) {
                *place = layer;
            }
        }
    }

    /// A slot without links on that side stays where it is.
    fn middle(&self, slots: &Slots, slot: usize, side: Side) -> f64 {
        let links = slots.links(slot, side);
        if links.is_empty() {
            return self.of_slot(slot) as f64;
        }
        let sum: usize = links.iter().map(|link| self.of_slot(*link)).sum();
        sum as f64 / links.len() as f64
    }

    /// How many pairs of lines cross, over all columns.
    fn crossings(&self, slots: &Slots) -> u64 {
        slots.layers.iter().map(|layer| self.crossings_behind(slots, layer)).sum()
    }

    /// Two lines cross if one starts above the other and ends below it: an inversion, counted with a tree of sums.
    fn crossings_behind(&self, slots: &Slots, layer: &[usize]) -> u64 {
        let mut ends = Vec::new();
        for slot in layer {
            let mut own: Vec<usize> =
                slots.links(*slot, Side::Behind).iter().map(|link| self.of_slot(*link)).collect();
            own.sort_unstable();
            ends.extend(own);
        }
        let width = ends.iter().max().map_or(0, |last| last + 1);
        let mut seen = Sums(vec![0; width + 1]);
        let mut crossings = 0;
        for (count, end) in (0_u64..).zip(ends) {
            crossings += count - seen.up_to(end);
            seen.add(end);
        }
        crossings
    }
}

/// How many of each number there were, to be summed up quickly: a Fenwick tree.
struct Sums(Vec<u64>);

impl Sums {
    fn add(&mut self, number: usize) {
        let mut at = number + 1;
        while let Some(sum) = self.0.get_mut(at) {
            *sum += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// How many numbers were at most this one.
    fn up_to(&self, number: usize) -> u64 {
        let (mut at, mut sum) = (number + 1, 0);
        while at > 0 {
            sum += self.0.get(at).copied().unwrap_or_default();
            at -= at & at.wrapping_neg();
        }
        sum
    }
}
