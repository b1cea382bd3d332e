//! `partial_key`: two tasks share a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use squall::TopologyBuilder;
use squall_testkit::{Feeder, Mock, complete_topology, virtual_time};

/// Runs pairs of key and number, and returns the mock that got them by `partial_key`.
fn spread(pairs: Vec<(String, u64)>, spouts: usize, tasks: usize) -> Mock<(String, u64)> {
    let mock = Mock::echo();
    virtual_time(async || {
        let feeder = Feeder::of(pairs);
        let mut t = TopologyBuilder::new("partial-key");
        let pairs = t.spout("pairs", feeder.spouts()).tasks(spouts).output();
        t.bolt_with("mock", mock.bolts()).tasks(tasks).partial_key(pairs, |pair: &(String, u64)| &pair.0);
        complete_topology(&t.build().unwrap()).await.unwrap();
        feeder.tracker().assert_one_outcome_each();
    });
    mock
}

/// Half of the pairs have the key `hot`; the others have 1,000 keys in turn. Mixed, so that hot and cold do
/// not simply alternate.
fn half_hot(count: u64) -> Vec<(String, u64)> {
    let is_hot = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0;
    let key = |n: u64| if is_hot(n) { "hot".to_owned() } else { format!("cold-{}", n % 1_000) };
    (0..count).map(|n| (key(n), n)).collect()
}

fn tasks_by_key(mock: &Mock<(String, u64)>) -> BTreeMap<String, BTreeSet<usize>> {
    let mut tasks: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for call in mock.calls() {
        tasks.entry(call.value.0).or_default().insert(call.task);
    }
    tasks
}

#[test]
fn a_key_with_half_of_all_tuples_is_spread_over_exactly_two_tasks() {
    for (spouts, tasks) in [(1, 2), (1, 4), (1, 7), (3, 4)] {
        let mock = spread(half_hot(8_000), spouts, tasks);

        let by_key = tasks_by_key(&mock);
        assert_eq!(by_key["hot"].len(), 2, "{tasks} tasks");
        assert!(by_key.values().all(|tasks| tasks.len() <= 2), "{by_key:?}");
        assert_eq!(mock.count(), 8_000, "nothing is lost or doubled");
    }
}

#[test]
fn totals_are_nearly_even_although_one_key_has_half_of_all_tuples() {
    // With `fields` one task would get at least half.
    for spouts in [1, 3] {
        let mock = spread(half_hot(9_000), spouts, 3);
        for task in 0..3 {
            let share = mock.values_of(task).len();
            assert!(share.abs_diff(3_000) <= 150, "task {task}: {share} of 9000");
        }
    }
    // Of four tasks, two have the hot key and those of the cold ones that have no other choice: every sixth.
    let mock = spread(half_hot(8_000), 1, 4);
    for task in 0..4 {
        let share = mock.values_of(task).len();
        assert!((1_500..=2_500).contains(&share), "task {task}: {share} of 8000");
    }
}

#[test]
fn a_single_key_alternates_between_its_two_tasks() {
    let mock = spread((0..1_000).map(|n| ("only".to_owned(), n)).collect(), 1, 8);

    let mut shares: HashMap<usize, usize> = HashMap::new();
    for call in mock.calls() {
        *shares.entry(call.task).or_default() += 1;
    }
    assert_eq!(shares.into_values().collect::<Vec<_>>(), [500, 500]);
}

#[test]
fn the_two_tasks_of_a_key_are_the_same_in_every_run() {
    let two_runs = [(); 2].map(|()| tasks_by_key(&spread(half_hot(2_000), 1, 6)));
    assert_eq!(two_runs[0], two_runs[1]);
}

#[test]
fn one_task_gets_everything_by_partial_key() {
    let mock = spread(half_hot(100), 1, 1);
    assert_eq!(mock.values_of(0).len(), 100);
}
