use std::time::{SystemTime, UNIX_EPOCH};

use super::*;

/// Components of which each reads from a few before it.
fn random(seed: u64, components: usize) -> Shape {
    let mut chance = fastrand::Rng::with_seed(seed);
    let near = chance.usize(1..=components);
    let most = chance.usize(0..=4);
    Shape::new((0..components).map(|index| {
        let from = index.saturating_sub(near);
        (0..chance.usize(0..=most)).filter(|_| index > 0).map(|_| chance.usize(from..index.max(1))).collect()
    }))
}

fn seeds() -> impl Iterator<Item = u64> {
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seeds from {start}");
    (0..150).map(move |more| start.wrapping_add(more))
}

#[test]
fn no_component_lies_on_another() {
    for seed in seeds() {
        let layout = Layout::of(&random(seed, 1 + (seed % 60) as usize));
        for (index, one) in layout.nodes.iter().enumerate() {
            for other in &layout.nodes[..index] {
                let apart = (one.x - other.x).abs() >= WIDTH + GAP || (one.y - other.y).abs() >= HEIGHT + 8;
                assert!(apart, "seed {seed}: {one:?} and {other:?}");
            }
            let inside =
                one.x >= 0 && one.y >= 0 && one.x + WIDTH <= layout.width && one.y + HEIGHT <= layout.height;
            assert!(inside, "seed {seed}: {one:?} in {} x {}", layout.width, layout.height);
        }
    }
}

#[test]
fn lines_go_forward_and_through_no_component() {
    for seed in seeds() {
        let shape = random(seed, 1 + (seed % 60) as usize);
        let layout = Layout::of(&shape);
        assert_eq!(layout.lines.len(), shape.edges().count());
        for (line, (from, to)) in layout.lines.iter().zip(shape.edges()) {
            assert_eq!((line.from, line.to), (from, to));
            let ends = (line.bends[0].x, line.bends[line.bends.len() - 1].x);
            assert_eq!(ends, (layout.nodes[from].x + WIDTH, layout.nodes[to].x), "seed {seed}");
            assert!(line.bends.windows(2).all(|pair| pair[0].x < pair[1].x), "seed {seed}: {line:?}");
            // From the second bend on, every other stretch passes a column.
            for stretch in line.bends[1..line.bends.len() - 1].chunks(2) {
                assert_eq!(stretch[0].y, stretch[1].y, "seed {seed}");
                let through = |node: &Point| {
                    node.x == stretch[0].x && (node.y..node.y + HEIGHT).contains(&stretch[0].y)
                };
                assert!(!layout.nodes.iter().any(through), "seed {seed}: {line:?}");
            }
        }
    }
}

#[test]
fn labels_of_one_gap_do_not_lie_on_each_other() {
    for seed in seeds() {
        let layout = Layout::of(&random(seed, 1 + (seed % 40) as usize));
        for (index, one) in layout.lines.iter().enumerate() {
            for other in &layout.lines[..index] {
                let (one, other) = (one.label, other.label);
                assert!(
                    one.x != other.x || (one.y - other.y).abs() >= 16,
                    "seed {seed}: {one:?} and {other:?}"
                );
            }
        }
    }
}

#[test]
fn the_same_shape_always_gets_the_same_layout() {
    for seed in seeds() {
        let components = 1 + (seed % 60) as usize;
        assert_eq!(
            Layout::of(&random(seed, components)),
            Layout::of(&random(seed, components)),
            "seed {seed}"
        );
    }
}

#[test]
fn a_chain_is_a_straight_line() {
    let layout = Layout::of(&Shape::new([vec![], vec![0], vec![1]]));

    assert_eq!(layout.columns, [0, 1, 2]);
    assert_eq!(
        layout.nodes.iter().map(|node| (node.x, node.y)).collect::<Vec<_>>(),
        [(0, 0), (260, 0), (520, 0)]
    );
    assert!(layout.lines.iter().all(|line| line.bends.iter().all(|bend| bend.y == HEIGHT / 2)));
    assert_eq!((layout.width, layout.height), (688, 64));
}

#[test]
fn two_ways_to_one_component_stand_on_both_sides_of_it() {
    let layout = Layout::of(&Shape::new([vec![], vec![0], vec![0], vec![1, 2]]));

    let ys: Vec<i32> = layout.nodes.iter().map(|node| node.y).collect();
    assert_eq!(ys, [45, 0, 90, 45]);
}

#[test]
fn a_spout_that_is_read_late_stands_before_its_reader() {
    let layout = Layout::of(&Shape::new([vec![], vec![0], vec![1], vec![], vec![2, 3]]));

    assert_eq!(layout.columns, [0, 1, 2, 2, 3]);
}

#[test]
fn lines_that_need_not_cross_do_not() {
    // Two chains side by side, named in turns.
    let layout = Layout::of(&Shape::new([vec![], vec![], vec![1], vec![0], vec![2], vec![3]]));

    let y = |node: usize| layout.nodes[node].y;
    assert_eq!((y(0), y(1)), (y(3), y(2)));
    assert_eq!((y(3), y(2)), (y(5), y(4)));
}

#[test]
fn nothing_is_laid_out_as_nothing() {
    assert_eq!(Layout::of(&Shape::default()), Layout::default());
}
