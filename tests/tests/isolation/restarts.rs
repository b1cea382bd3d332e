//! Back-off, budget, escalation and the policies.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use squall::{Failed, RestartMode, RestartPolicy, TaskState, TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{budget, ms, s, start};
use tokio::time::Instant;

/// Swallows numbers.
struct Sink;

impl Bolt for Sink {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}

/// When a factory was called.
type Builds = Arc<Mutex<Vec<Duration>>>;

/// Declares a bolt whose factory fails, as `how` says, so many times, and returns when it was called.
fn fragile(
    t: &mut TopologyBuilder,
    numbers: squall::Stream<u64>,
    policy: RestartPolicy,
    failures: usize,
    how: fn() -> Error,
) -> Builds {
    let builds = Builds::default();
    let (log, began) = (Arc::clone(&builds), Instant::now());
    t.bolt_with("fragile", async move |_: &TaskContext| {
        let calls = {
            let mut log = log.lock().unwrap();
            log.push(began.elapsed());
            log.len()
        };
        if calls > failures { Ok(Sink) } else { Err(how()) }
    })
    .restart(policy)
    .shuffle(numbers);
    builds
}

fn retryable() -> Error {
    Error::retryable("no database")
}

#[test]
fn what_waits_for_a_bolt_that_cannot_be_built_is_executed_when_it_can() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("fragile");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let builds = fragile(&mut t, numbers, RestartPolicy::default(), 4, || panic!("no database"));
        let running = start(t);

        let fed = feeder.feed_all(0..10);
        quiescent(&running).await;

        assert!(fed.iter().all(squall_testkit::Fed::is_acked));
        assert_eq!(*builds.lock().unwrap(), [ms(0), ms(10), ms(30), ms(70), ms(150)], "the wait doubles");
        let status = running.status();
        let fragile = status.component("fragile").unwrap();
        assert_eq!((fragile.restarts, fragile.errors.len(), fragile.errors[0].count), (4, 1, 4));
        assert!(fragile.errors[0].message.contains("no database"));
    });
}

#[test]
fn the_wait_has_an_upper_bound_and_is_seen() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("bounded");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let policy =
            RestartPolicy { backoff: s(1), max_backoff: s(3), budget: 100, ..RestartPolicy::default() };
        let builds = fragile(&mut t, numbers, policy, usize::MAX, retryable);
        let running = start(t);

        advance(s(10)).await;

        assert_eq!(*builds.lock().unwrap(), [s(0), s(1), s(3), s(6), s(9)]);
        assert_eq!(running.status().component("fragile").unwrap().task_states, [TaskState::BackingOff]);
    });
}

#[test]
fn a_budget_that_is_spent_fails_the_topology_and_names_the_component() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("spent");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let builds = fragile(&mut t, numbers, budget(3), usize::MAX, retryable);
        let running = start(t);
        let fed = feeder.feed(1);

        let failed = running.wait().await.unwrap_err();

        assert_eq!(builds.lock().unwrap().len(), 4);
        assert_eq!(
            failed.to_string(),
            "topology `spent` failed: task 0 of `fragile` could not be kept alive: no database"
        );
        let Failed::Component { component, report, .. } = failed else { panic!("{failed}") };
        assert_eq!((component.as_str(), report.status.state), ("fragile", TopologyState::Failed));
        assert_eq!(fed.reason(), Some(Reason::Shutdown), "what was pending is told");
        assert_eq!(report.roots().pending, 0);
        assert_eq!(running.status().state, TopologyState::Failed);
    });
}

#[test]
fn the_budget_is_renewed_with_time() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("renewed");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let policy = RestartPolicy { backoff: s(30), max_backoff: s(30), ..budget(3) };
        fragile(&mut t, numbers, policy, usize::MAX, retryable);
        let running = start(t);

        advance(s(3600)).await;

        assert_eq!(running.status().state, TopologyState::Running);
        assert!(running.status().component("fragile").unwrap().restarts > 100);
    });
}

#[test]
fn a_permanent_error_of_a_factory_is_final() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("permanent");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let wrong = || Error::permanent("the table does not exist");
        let builds = fragile(&mut t, numbers, RestartPolicy::default(), usize::MAX, wrong);

        let failed = start(t).wait().await.unwrap_err();

        assert_eq!(builds.lock().unwrap().len(), 1);
        assert!(failed.to_string().ends_with("the table does not exist"), "{failed}");
    });
}

#[test]
fn a_bolt_that_panics_on_every_tuple_backs_off_and_fails_the_topology() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of(0..100), Mock::<u64>::panics_every(1));
        let mut t = TopologyBuilder::new("fruitless");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).restart(budget(5)).shuffle(numbers);

        let failed = start(t).wait().await.unwrap_err();

        assert_eq!(mock.count(), 6, "the first run and five restarts");
        let at: Vec<_> = mock.calls().iter().map(|call| call.at).collect();
        assert_eq!(at, [0, 10, 30, 70, 150, 310].map(ms));
        let report = failed.report().unwrap();
        assert_eq!((report.roots().failed_by["panic"], report.roots().failed_by["shutdown"]), (6, 94));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn never_means_that_the_first_panic_fails_the_topology() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of(0..100), Mock::<u64>::panics_every(50));
        let mut t = TopologyBuilder::new("never");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let never = RestartPolicy { policy: RestartMode::Never, ..RestartPolicy::default() };
        t.bolt_with("mock", mock.bolts()).restart(never).shuffle(numbers);

        let failed = start(t).wait().await.unwrap_err();

        assert!(failed.to_string().contains("the mock panics as told"), "{failed}");
        assert_eq!(mock.count(), 50);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn never_bears_errors_and_ends() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of(0..100), Mock::<u64>::fails_every(2));
        let mut t = TopologyBuilder::new("errors");
        let never = RestartPolicy { policy: RestartMode::Never, ..RestartPolicy::default() };
        let numbers = t.spout("numbers", feeder.spouts()).restart(never).output();
        t.bolt_with("mock", mock.bolts()).restart(never).shuffle(numbers);

        let report = start(t).wait().await.unwrap();

        assert_eq!((report.roots().acked, report.roots().failed), (50, 50));
    });
}

#[test]
fn a_permanent_spout_is_started_again_after_its_end() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::of(0..10), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("permanent");
        let permanent = RestartPolicy { policy: RestartMode::Permanent, ..budget(1000) };
        let numbers = t.spout("numbers", feeder.spouts()).restart(permanent).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        quiescent(&running).await;
        let fed = feeder.feed(10);
        advance(s(11)).await;

        assert!(fed.is_acked(), "{:?}", running.status());
        assert_eq!(running.status().state, TopologyState::Running);
        running.drain(s(1));
        running.wait().await.unwrap();
    });
}

#[test]
fn a_transient_spout_that_has_ended_is_over() {
    virtual_time(async || {
        let feeder = Feeder::of(0..10_u64);
        let mut t = TopologyBuilder::new("transient");
        t.spout("numbers", feeder.spouts()).output();

        let report = start(t).wait().await.unwrap();

        let spout = report.component("numbers").unwrap();
        assert_eq!((spout.restarts, spout.task_states.as_slice()), (0, [TaskState::Finished].as_slice()));
    });
}

#[test]
fn a_drain_does_not_wait_for_a_back_off() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("hurry");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let policy = RestartPolicy { backoff: s(3600), max_backoff: s(3600), ..RestartPolicy::default() };
        fragile(&mut t, numbers, policy, 1, retryable);
        let running = start(t);

        let fed = feeder.feed_all(0..10);
        advance(s(1)).await;
        running.drain(s(10));
        let report = running.wait().await.unwrap();

        assert!(fed.iter().all(squall_testkit::Fed::is_acked));
        assert_eq!(report.duration, s(1));
    });
}

#[test]
fn one_task_that_fails_leaves_the_others_of_its_component_alone() {
    virtual_time(async || {
        let feeder = Feeder::of(0..400);
        let mock = Mock::<u64>::acting(|call| if call.task == 1 { Act::Panic } else { Act::Pass });
        let mut t = TopologyBuilder::new("one-of-four");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(4).restart(budget(1000)).fields(numbers, |n| n);

        let report = start(t).wait().await.unwrap();

        let of_task_1 = mock.values_of(1).len() as u64;
        assert_eq!((report.roots().failed, report.roots().acked), (of_task_1, 400 - of_task_1));
        assert_eq!(mock.built() as u64, 4 + of_task_1);
    });
}
