//! Where lines run, and where it stands what they carry.

use super::settle::rising;
use super::slots::{Side, Slots, left_of};
use super::{GAP, HEIGHT, Line, Point, WIDTH};

/// Between two lines at one side of a component, in pixels.
const APART: i32 = 10;

/// Between two labels of one column, in pixels.
const LABEL_HEIGHT: f64 = 17.0;

/// All lines, in the order of the chains.
pub(super) fn lines(slots: &Slots, heights: &[i32]) -> Vec<Line> {
    let mut labels = Vec::new();
    let mut lines = Vec::new();
    for chain in &slots.chains {
        let (Some(from), Some(to)) = (chain.first().copied(), chain.last().copied()) else { continue };
        let bends = bends(slots, heights, chain);
        labels.push(label(slots, from, to, &bends));
        lines.push(Line { from, to, bends, label: Point::default() });
    }
    spread(&mut labels);
    for (line, label) in lines.iter_mut().zip(labels) {
        line.label = label.at;
    }
    lines
}

fn bends(slots: &Slots, heights: &[i32], chain: &[usize]) -> Vec<Point> {
    let height = |slot: usize| heights.get(slot).copied().unwrap_or_default();
    let mut bends = Vec::new();
    for (before, slot) in chain.iter().zip(chain.iter().skip(1)) {
        let (left, right) = (left_of(slots.rank(*before)) + WIDTH, left_of(slots.rank(*slot)));
        let port = |slot: usize, side, other| {
            let own = height(slot);
            if slots.is_component(slot) { own + port(slots, heights, slot, side, other) } else { own }
        };
        bends.push(Point { x: left, y: port(*before, Side::Behind, *slot) });
        bends.push(Point { x: right, y: port(*slot, Side::Before, *before) });
    }
    bends
}

/// How far from the middle of a component's side a line leaves it: lines do not lie on each other there, and leave in
/// the order in which they arrive.
fn port(slots: &Slots, heights: &[i32], slot: usize, side: Side, other: usize) -> i32 {
    let mut links: Vec<(i32, usize)> = slots
        .links(slot, side)
        .iter()
        .map(|link| (heights.get(*link).copied().unwrap_or_default(), *link))
        .collect();
    links.sort_unstable();
    let count = i32::try_from(links.len()).unwrap_or(i32::MAX);
    let place = links.iter().position(|(_, link)| *link == other).and_then(|place| i32::try_from(place).ok());
    let apart = APART.min((HEIGHT - 16) / count.max(1));
    place.unwrap_or_default() * apart - (count - 1) * apart / 2
}

/// A label, and between which columns it stands.
struct Label {
    gap: i32,
    at: Point,
}

/// Near the end that has fewer lines: there it is clear to which one it belongs.
fn label(slots: &Slots, from: usize, to: usize, bends: &[Point]) -> Label {
    let leaves_alone = slots.links(from, Side::Behind).len() <= slots.links(to, Side::Before).len();
    let (ends, share) = if leaves_alone { (bends.first_chunk(), 0.42) } else { (bends.last_chunk(), 0.58) };
    let Some([left, right]) = ends else { return Label { gap: 0, at: Point::default() } };
    let y = f64::from(left.y) + f64::from(right.y - left.y) * on_curve(share);
    Label { gap: left.x, at: Point { x: left.x + GAP / 2, y: y.round() as i32 } }
}

/// How far down the curve from 0 to 1 is after this share of its way.
fn on_curve(share: f64) -> f64 {
    share * share * (3.0 - 2.0 * share)
}

/// Moves labels of the same gap up and down until none lies on another.
fn spread(labels: &mut [Label]) {
    let mut by_gap: Vec<usize> = (0..labels.len()).collect();
    by_gap.sort_by_key(|index| labels.get(*index).map(|label| (label.gap, label.at.y)));
    let gap = |index: &usize| labels.get(*index).map(|label| label.gap);
    let groups: Vec<Vec<usize>> =
        by_gap.chunk_by(|one, other| gap(one) == gap(other)).map(<[usize]>::to_vec).collect();
    for group in groups {
        let offset = |place: usize| place as f64 * LABEL_HEIGHT;
        let wanted = group.iter().enumerate().map(|(place, index)| {
            let y = labels.get(*index).map_or(0, |label| label.at.y);
            (f64::from(y) - offset(place), 1.0)
        });
        let spread = rising(wanted.collect::<Vec<_>>());
        for ((place, index), y) in group.into_iter().enumerate().zip(spread) {
            if let Some(label) = labels.get_mut(index) {
                label.at.y = (y + offset(place)).round() as i32;
            }
        }
    }
}
