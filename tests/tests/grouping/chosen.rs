//! `direct` and `custom`: user code names the tasks.

use std::sync::{Arc, Mutex};

use squall::{Chosen, CustomGrouping, Status, Stream, TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, Mock, complete_topology, quiescent, virtual_time};
use squall_tests::start;

/// Names the tasks that a function says.
struct By<F>(F);

impl<F: Fn(u64, usize) -> Vec<usize> + Send + 'static> CustomGrouping<u64> for By<F> {
    fn choose(&mut self, n: &u64, tasks: usize, chosen: &mut Chosen) {
        (self.0)(*n, tasks).into_iter().for_each(|task| chosen.task(task));
    }
}

/// Runs 0 to 99 into four tasks of a mock and, beside them, into a neighbour.
async fn run(
    wire: impl FnOnce(&mut TopologyBuilder, Stream<u64>, &Mock<u64>),
) -> (Feeder<u64>, Mock<u64>, Status) {
    let (feeder, mock, neighbour) = (Feeder::new(), Mock::echo(), Mock::<u64>::echo());
    let mut t = TopologyBuilder::new("chosen");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    wire(&mut t, numbers, &mock);
    t.bolt_with("neighbour", neighbour.bolts()).shuffle(numbers);
    let running = start(t);
    feeder.feed_all(0..100);
    quiescent(&running).await;
    feeder.tracker().assert_one_outcome_each();
    (feeder, mock, running.status())
}

fn errors(status: &Status, component: &str) -> Vec<String> {
    let component = status.component(component).unwrap();
    component.errors.iter().map(|error| error.message.clone()).collect()
}

#[test]
fn direct_gives_each_tuple_to_the_task_that_it_names() {
    virtual_time(async || {
        let (feeder, mock, status) = run(|t, numbers, mock| {
            t.bolt_with("mock", mock.bolts()).tasks(4).direct(numbers, |n| (n % 4) as usize);
        })
        .await;

        for task in 0..4 {
            let values = mock.values_of(task);
            assert_eq!(values, (0..100).filter(|n| n % 4 == task as u64).collect::<Vec<_>>(), "in order");
        }
        assert_eq!(feeder.tracker().acked_ids().len(), 100);
        assert!(errors(&status, "numbers").is_empty());
    });
}

#[test]
fn a_tuple_that_names_no_task_fails_alone_and_its_emitter_reports_it() {
    virtual_time(async || {
        let (feeder, mock, status) = run(|t, numbers, mock| {
            let task = |n: &u64| if *n == 50 { 4 } else { 3 };
            t.bolt_with("mock", mock.bolts()).tasks(4).direct(numbers, task);
        })
        .await;

        assert_eq!(feeder.tracker().failed_ids(), [(50, Reason::Explicit)]);
        assert_eq!(feeder.tracker().acked_ids().len(), 99, "its neighbours do not notice");
        assert_eq!(mock.values_of(3).len(), 99);
        let expected = "the direct grouping of stream `default` chose task 4 of 4, counted from 0";
        assert_eq!(errors(&status, "numbers"), [expected]);
        assert_eq!(status.component("numbers").unwrap().restarts, 0, "the emitting task goes on");
    });
}

#[test]
fn an_untracked_tuple_that_names_no_task_is_counted_as_dropped() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("untracked");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(2).direct(numbers, |n| *n as usize);
        let running = start(t);
        (0..5).for_each(|n| feeder.feed_untracked(n));
        quiescent(&running).await;

        assert_eq!(mock.count(), 2);
        assert_eq!(running.status().component("numbers").unwrap().dropped_untracked, 3);
    });
}

#[test]
fn a_custom_grouping_that_names_a_task_twice_gives_it_two_copies() {
    virtual_time(async || {
        let (feeder, mock, _) = run(|t, numbers, mock| {
            t.bolt_with("mock", mock.bolts()).tasks(4).custom(numbers, || By(|_, _| vec![2, 2, 0]));
        })
        .await;

        let copies = |task| mock.values_of(task).len();
        assert_eq!([copies(0), copies(1), copies(2), copies(3)], [100, 0, 200, 0]);
        assert_eq!(feeder.tracker().acked_ids().len(), 100);
    });
}

#[test]
fn a_tuple_for_which_no_task_is_named_is_done() {
    virtual_time(async || {
        let (feeder, mock, _) = run(|t, numbers, mock| {
            let odd = || By(|n, _| if n % 2 == 1 { vec![0] } else { Vec::new() });
            t.bolt_with("mock", mock.bolts()).tasks(4).custom(numbers, odd);
        })
        .await;

        assert_eq!(mock.values_of(0), (0..100).filter(|n| n % 2 == 1).collect::<Vec<_>>());
        assert_eq!(feeder.tracker().acked_ids().len(), 100);
    });
}

#[test]
fn a_custom_grouping_that_answers_out_of_range_fails_that_tuple_and_gives_nobody_a_copy() {
    virtual_time(async || {
        let (feeder, mock, status) = run(|t, numbers, mock| {
            let wild =
                || By(|n, tasks| if n == 50 { vec![0, tasks + 3, 1] } else { vec![n as usize % tasks] });
            t.bolt_with("mock", mock.bolts()).tasks(4).custom(numbers, wild);
        })
        .await;

        assert_eq!(feeder.tracker().failed_ids(), [(50, Reason::Explicit)]);
        assert_eq!(mock.count(), 99);
        assert!(!mock.values().contains(&50));
        let expected = "the custom grouping of stream `default` chose task 7 of 4, counted from 0";
        assert_eq!(errors(&status, "numbers"), [expected]);
    });
}

/// Counts its tuples, and panics on the number 50.
struct Touchy {
    seen: usize,
    made: Arc<Mutex<Vec<usize>>>,
}

impl CustomGrouping<u64> for Touchy {
    fn prepare(&mut self, tasks: usize) {
        self.made.lock().unwrap().push(tasks);
    }

    fn choose(&mut self, n: &u64, tasks: usize, chosen: &mut Chosen) {
        assert!(*n != 50, "no task for fifty");
        chosen.task(self.seen % tasks);
        self.seen += 1;
    }
}

#[test]
fn a_panic_in_a_custom_grouping_fails_that_tuple_only_and_it_is_made_anew() {
    virtual_time(async || {
        let made = Arc::<Mutex<Vec<usize>>>::default();
        let (feeder, mock, status) = run(|t, numbers, mock| {
            let made = Arc::clone(&made);
            let touchy = move || Touchy { seen: 0, made: Arc::clone(&made) };
            t.bolt_with("mock", mock.bolts()).tasks(4).custom(numbers, touchy);
        })
        .await;

        assert_eq!(feeder.tracker().failed_ids(), [(50, Reason::Panic)]);
        assert_eq!(mock.count(), 99);
        assert_eq!(*made.lock().unwrap(), [4, 4]);
        let task_of = |n| mock.calls().iter().find(|call| call.value == n).unwrap().task;
        assert_eq!((task_of(49), task_of(51)), (49 % 4, 0), "it counts from the beginning");
        assert!(errors(&status, "numbers")[0].starts_with("a custom grouping panicked: no task for fifty"));
        assert_eq!(status.component("numbers").unwrap().restarts, 0, "the emitting task goes on");
    });
}

#[test]
fn a_custom_grouping_whose_factory_panics_fails_what_it_should_have_sent() {
    virtual_time(async || {
        let tries = Arc::<Mutex<u32>>::default();
        let (feeder, mock, status) = run(|t, numbers, mock| {
            let tries = Arc::clone(&tries);
            let make = move || {
                let nth = {
                    let mut tries = tries.lock().unwrap();
                    *tries += 1;
                    *tries
                };
                assert!(nth > 3, "not yet");
                By(|_, _| vec![0])
            };
            t.bolt_with("mock", mock.bolts()).tasks(4).custom(numbers, make);
        })
        .await;

        assert_eq!(feeder.tracker().failed_ids(), [0, 1, 2].map(|n| (n, Reason::Panic)));
        assert_eq!(mock.count(), 97);
        assert!(errors(&status, "numbers")[0].contains("not yet"));
    });
}

/// The first half of the tasks gets every tuple; every emitting task has a grouping of its own.
struct Half {
    made: Arc<Mutex<Vec<usize>>>,
}

impl CustomGrouping<u64> for Half {
    fn prepare(&mut self, tasks: usize) {
        self.made.lock().unwrap().push(tasks);
    }

    fn choose(&mut self, _: &u64, tasks: usize, chosen: &mut Chosen) {
        (0..tasks / 2).for_each(|task| chosen.task(task));
    }
}

#[test]
fn n_chosen_tasks_get_n_copies_from_each_of_several_emitters() {
    virtual_time(async || {
        let made = Arc::<Mutex<Vec<usize>>>::default();
        let (feeder, mock) = (Feeder::of(0..300), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("copies");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed =
            t.bolt_with("pass", Mock::<u64>::echo().bolts()).tasks(3).fields(numbers, |n| n).output();
        let half = {
            let made = Arc::clone(&made);
            move || Half { made: Arc::clone(&made) }
        };
        t.bolt_with("mock", mock.bolts()).tasks(6).custom(passed, half);

        complete_topology(&t.build().unwrap()).await.unwrap();

        for task in 0..6 {
            let mut values = mock.values_of(task);
            values.sort_unstable();
            assert_eq!(values, if task < 3 { (0..300).collect() } else { Vec::new() }, "task {task}");
        }
        assert_eq!(*made.lock().unwrap(), [6, 6, 6], "one for each emitting task");
        assert_eq!(feeder.tracker().acked_ids().len(), 300);
        feeder.tracker().assert_one_outcome_each();
    });
}
