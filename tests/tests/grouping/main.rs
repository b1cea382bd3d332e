//! Groupings: which task gets a tuple, how evenly, and in which order.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod chosen;
mod partial_key;

use std::collections::{BTreeMap, HashMap, HashSet};

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Capture, Feeder, Mock, complete_topology, virtual_time};
use squall_tests::{Done, Slow, ms};

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Counts words and emits each count.
#[derive(Default)]
struct Count(HashMap<String, u64>);

impl Bolt for Count {
    type In = String;
    type Out = Emit<(String, u64)>;

    async fn execute(&mut self, word: String, out: &mut Output<Emit<(String, u64)>>) -> Result<()> {
        let count = self.0.entry(word.clone()).or_default();
        *count += 1;
        out.emit((word, *count));
        Ok(())
    }
}

#[derive(Default)]
struct Total(u64);

impl Bolt for Total {
    type In = String;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: String, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.0 += 1;
        out.emit(self.0);
        Ok(())
    }
}

fn word_count() -> (TopologyBuilder, Capture<(String, u64)>, Capture<u64>) {
    let feeder = Feeder::of(words("nathan bob joey nathan"));
    let mut t = TopologyBuilder::new("word-count");
    let words = t.spout("words", feeder.spouts()).output();
    let counts = t.bolt("count", Count::default).tasks(4).fields(words, |word| word).output();
    let totals = t.bolt("total", Total::default).tasks(2).global(words).output();
    let captured = (Capture::of(&mut t, counts), Capture::of(&mut t, totals));
    (t, captured.0, captured.1)
}

fn assert_counted(counts: &Capture<(String, u64)>, totals: &Capture<u64>) {
    let expected = [("bob", 1), ("joey", 1), ("nathan", 1), ("nathan", 2)];
    assert_eq!(counts.sorted(), expected.map(|(word, count)| (word.to_owned(), count)));
    assert_eq!(totals.tuples(), [1, 2, 3, 4]);
}

#[test]
fn words_are_counted_alike_under_virtual_time_and_on_threads() {
    virtual_time(async || {
        let (t, counts, totals) = word_count();
        complete_topology(&t.build().unwrap()).await.unwrap();
        assert_counted(&counts, &totals);
    });
    let (t, counts, totals) = word_count();
    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();
    running.wait_blocking().unwrap();
    assert_counted(&counts, &totals);
}

#[test]
fn fields_gives_each_key_to_one_task() {
    virtual_time(async || {
        let mock = Mock::<(Vec<u8>, u64)>::echo();
        let keys = (0..50_u8).map(|key| vec![key; 3]);
        let values = keys.flat_map(|key| (1..=24).map(move |n| (key.clone(), n)));
        let mut t = TopologyBuilder::new("keys");
        let pairs = t.spout("pairs", Feeder::of(values).spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(6).fields(pairs, |pair| &pair.0);

        complete_topology(&t.build().unwrap()).await.unwrap();

        let mut seen: HashMap<Vec<u8>, (HashSet<usize>, Vec<u64>)> = HashMap::new();
        for call in mock.calls() {
            let (tasks, values) = seen.entry(call.value.0).or_default();
            tasks.insert(call.task);
            values.push(call.value.1);
        }
        assert_eq!(seen.len(), 50);
        for (tasks, values) in seen.values() {
            assert_eq!(tasks.len(), 1);
            assert_eq!(*values, (1..=24).collect::<Vec<_>>(), "in the order of emission");
        }
    });
}

#[test]
fn fields_spreads_many_keys_evenly() {
    for tasks in [2, 3, 8] {
        virtual_time(async || {
            let mock = Mock::<u64>::echo();
            let mut t = TopologyBuilder::new("even");
            let keys = t.spout("keys", Feeder::of(0..20_000).spouts()).output();
            t.bolt_with("mock", mock.bolts()).tasks(tasks).fields(keys, |key| key);

            complete_topology(&t.build().unwrap()).await.unwrap();

            let fair = 20_000 / tasks;
            for task in 0..tasks {
                let share = mock.values_of(task).len();
                assert!(share.abs_diff(fair) < fair / 20, "task {task} of {tasks}: {share}");
            }
        });
    }
}

/// Runs words through `fields` and `fields_by`, and returns the task of each.
fn placement(tasks: usize, computed: bool) -> BTreeMap<String, usize> {
    let mock = Mock::<String>::echo();
    virtual_time(async || {
        let values: Vec<_> = (0..500).map(|n| format!("word-{n}")).collect();
        let mut t = TopologyBuilder::new("placement");
        let words = t.spout("words", Feeder::of(values).spouts()).output();
        let bolt = t.bolt_with("mock", mock.bolts()).tasks(tasks);
        if computed {
            bolt.fields_by(words, Clone::clone);
        } else {
            bolt.fields(words, |word| word.as_str());
        }
        complete_topology(&t.build().unwrap()).await.unwrap();
    });
    mock.calls().into_iter().map(|call| (call.value, call.task)).collect()
}

#[test]
fn a_key_goes_to_the_same_task_in_every_run() {
    for tasks in [1, 4, 7] {
        let first = placement(tasks, false);
        assert_eq!(first, placement(tasks, false));
        assert_eq!(first, placement(tasks, true), "borrowed or computed, a key is a key");
    }
}

#[test]
fn two_streams_with_one_key_meet_in_one_task() {
    virtual_time(async || {
        let (left, right) = (Feeder::of(0..100_u64), Feeder::of(0..100_u64));
        let mock = Mock::<(char, u64)>::echo();
        let mut t = TopologyBuilder::new("join");
        let a = t.spout("left", left.spouts()).output();
        let b = t.spout("right", right.spouts()).output();
        let bolt = t.bolt_with("mock", mock.bolts()).tasks(5);
        bolt.fields(a.via(|n| ('a', n)), |n| n).fields(b.via(|n| ('b', n)), |n| n);

        complete_topology(&t.build().unwrap()).await.unwrap();

        let mut tasks: HashMap<u64, HashSet<usize>> = HashMap::new();
        for call in mock.calls() {
            tasks.entry(call.value.1).or_default().insert(call.task);
        }
        assert!(tasks.len() == 100 && tasks.values().all(|tasks| tasks.len() == 1));
    });
}

#[test]
fn all_gives_every_tuple_to_every_task_once() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of(0..100), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("all");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(6).all(numbers);

        complete_topology(&t.build().unwrap()).await.unwrap();

        for task in 0..6 {
            assert_eq!(mock.values_of(task), (0..100).collect::<Vec<_>>());
        }
        assert_eq!(feeder.tracker().acked_ids().len(), 100);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn global_gives_every_tuple_to_the_first_task() {
    virtual_time(async || {
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("global");
        let numbers = t.spout("numbers", Feeder::of(0..100).spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(3).global(numbers);

        complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!((mock.built(), mock.values_of(0).len(), mock.count()), (3, 100, 100));
    });
}

/// The number of tuples that each of `tasks` bolts has executed, each taking its time.
fn shares(tuples: u64, tasks: usize, local: bool, time: fn(usize) -> std::time::Duration) -> Vec<usize> {
    let done = Done::default();
    virtual_time(async || {
        let feeder = Feeder::of(0..tuples);
        let mut t = TopologyBuilder::new("shares");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(100_000).output();
        let bolt = t.bolt_with("slow", Slow::<u64>::bolts(&done, time)).tasks(tasks);
        if local {
            bolt.local_or_shuffle(numbers);
        } else {
            bolt.shuffle(numbers);
        }
        complete_topology(&t.build().unwrap()).await.unwrap();
        assert_eq!(feeder.tracker().acked_ids().len() as u64, tuples);
    });
    let done = done.lock().unwrap();
    (0..tasks).map(|task| done.iter().filter(|(by, _)| *by == task).count()).collect()
}

#[test]
fn shuffle_gives_equal_tasks_equal_shares() {
    for local in [false, true] {
        let two = shares(20_000, 2, local, |_| ms(1));
        assert!(two.iter().all(|share| (9_800..=10_200).contains(share)), "{two:?}");
        let eight = shares(8_000, 8, local, |_| ms(1));
        assert!(eight.iter().all(|share| (960..=1_040).contains(share)), "{eight:?}");
    }
}

#[test]
fn shuffle_gives_a_slow_task_less() {
    let shares = shares(2_000, 2, false, |task| if task == 0 { ms(100) } else { ms(1) });
    assert!((10..=40).contains(&shares[0]), "a hundredth: {shares:?}");
}

#[test]
fn shuffle_beside_fields_spreads_too() {
    virtual_time(async || {
        let (keyed, free) = (Feeder::of(0..400), Feeder::of(0..4000));
        let done = Done::default();
        let mut t = TopologyBuilder::new("both");
        let a = t.spout("keyed", keyed.spouts()).output();
        let b = t.spout("free", free.spouts()).max_pending(64).output();
        t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| ms(1)))
            .tasks(4)
            .inbox(64)
            .fields(a, |n| n)
            .shuffle(b);

        complete_topology(&t.build().unwrap()).await.unwrap();

        let done: Vec<(usize, u64)> = done.lock().unwrap().clone();
        for task in 0..4 {
            let share = done.iter().filter(|(by, _)| *by == task).count();
            assert!((880..=1320).contains(&share), "task {task}: {share} of 4400");
        }
    });
}

/// Tags each tuple with the task that emits it.
struct Tag(usize);

impl Bolt for Tag {
    type In = u64;
    type Out = Emit<(usize, u64)>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<(usize, u64)>>) -> Result<()> {
        out.emit((self.0, n));
        Ok(())
    }
}

#[test]
fn order_is_kept_from_one_task_over_one_stream_to_one_task() {
    let feeder = Feeder::of(0..50_000);
    let mock = Mock::<(usize, u64)>::echo();
    let mut t = TopologyBuilder::new("order");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let tagged = t
        .bolt_with("tag", async |cx: &TaskContext| Ok(Tag(cx.task)))
        .tasks(3)
        .fields(numbers, |n| n)
        .output();
    t.bolt_with("mock", mock.bolts()).tasks(3).inbox(100).fields_by(tagged, |(_, n)| n % 10);

    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();
    running.wait_blocking().unwrap();

    assert_eq!(mock.count(), 50_000, "nothing is lost or doubled");
    let mut last: HashMap<(usize, usize), u64> = HashMap::new();
    for call in mock.calls() {
        let (from, n) = call.value;
        let before = last.insert((from, call.task), n);
        assert!(before.is_none_or(|before| before < n), "{from} -> {}: {before:?}, {n}", call.task);
    }
    assert_eq!(last.len(), 9);
}

#[test]
fn many_tasks_that_emit_into_one_lose_and_spoil_nothing() {
    let (feeder, sink) = (Feeder::of(0..20_000), Mock::<u64>::echo());
    let mut t = TopologyBuilder::new("fan-in");
    let numbers = t.spout("numbers", feeder.spouts()).tasks(2).output();
    let passed = t.bolt_with("many", Mock::<u64>::echo().bolts()).tasks(10).shuffle(numbers).output();
    t.bolt_with("sink", sink.bolts()).inbox(10).global(passed);

    let running = Running::start(t.build().unwrap(), Options::default().threads(4)).unwrap();
    let report = running.wait_blocking().unwrap();

    let mut values = sink.values();
    values.sort_unstable();
    assert_eq!(values, (0..20_000).collect::<Vec<_>>());
    assert_eq!(report.roots().acked, 20_000);
}
