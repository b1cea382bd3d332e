//! Which column each component stands in.

use super::Shape;

/// The column of each component: behind all that it reads from, and no further left of its readers than it has to.
pub(super) fn ranks(shape: &Shape) -> Vec<usize> {
    let mut ranks: Vec<usize> = Vec::with_capacity(shape.len());
    for reads in &shape.reads {
        let behind = reads.iter().filter_map(|from| ranks.get(*from)).max();
        ranks.push(behind.map_or(0, |rank| rank + 1));
    }
    let readers = readers(shape);
    for (index, reads) in shape.reads.iter().enumerate().rev() {
        let Some(readers) = readers.get(index).filter(|readers| readers.len() > reads.len()) else {
            continue;
        };
        // Further right, more lines get shorter than longer.
        let first = readers.iter().filter_map(|reader| ranks.get(*reader)).min().copied();
        if let (Some(rank), Some(first)) = (ranks.get_mut(index), first) {
            *rank = (*rank).max(first.saturating_sub(1));
        }
    }
    ranks
}

fn readers(shape: &Shape) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); shape.len()];
    for (from, to) in shape.edges() {
        if let Some(readers) = readers.get_mut(from) {
            readers.push(to);
        }
    }
    readers
}
