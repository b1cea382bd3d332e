//! Promise 7: a stuck component is named, its neighbours go on, and the thread is counted. On real threads, for
//! a thread that is lost cannot be had under a virtual clock.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message, and the place of each value is known"
)]

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use squall::{Failed, Status, prelude::*};
use squall_testkit::Feeder;
use squall_tests::{assert_counts, ms, s};

const LIMIT: Duration = Duration::from_millis(200);
/// How long a test waits for what must come. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A loop that computes until it is released at the end of its test.
#[derive(Clone, Default)]
struct Loop {
    is_released: Arc<AtomicBool>,
    entered: Arc<AtomicUsize>,
}

impl Loop {
    fn enter(&self) {
        self.entered.fetch_add(1, Ordering::Relaxed);
        while !self.is_released.load(Ordering::Relaxed) {
            // Not all of the core: other tests share it.
            thread::sleep(ms(1));
        }
    }
}

/// Ends the loops when its test ends, well or not.
struct Release(Loop);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.is_released.store(true, Ordering::Relaxed);
    }
}

/// What the sinks have seen.
#[derive(Clone, Default)]
struct Seen(Arc<(Mutex<Vec<u64>>, Condvar)>);

impl Seen {
    fn add(&self, number: u64) {
        self.0.0.lock().unwrap().push(number);
        self.0.1.notify_all();
    }

    #[track_caller]
    fn wait_for(&self, number: u64) {
        let lacks = |seen: &mut Vec<u64>| !seen.contains(&number);
        let (_seen, end) = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), PATIENCE, lacks).unwrap();
        assert!(!end.timed_out(), "{number} was not seen");
    }
}

/// Passes on what it reads; loops at 13.
struct Busy(Loop, Seen);

impl Busy {
    fn work(&self, number: u64) {
        if number == 13 {
            self.0.enter();
        }
        self.1.add(number);
    }
}

impl Bolt for Busy {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        self.work(number);
        Ok(())
    }
}

/// Notes what it reads.
struct Sink(Seen);

impl Bolt for Sink {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        self.0.add(number);
        Ok(())
    }
}

struct BusySync(Busy);

impl SyncBolt for BusySync {
    type In = u64;
    type Out = ();

    fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        self.0.work(number);
        Ok(())
    }
}

#[track_caller]
fn wait_until(running: &Running, holds: impl Fn(&Status) -> bool) -> Status {
    let start = Instant::now();
    loop {
        let status = running.status();
        assert_counts(&status);
        if holds(&status) {
            return status;
        }
        assert!(start.elapsed() < PATIENCE, "{status:#?}");
        thread::yield_now();
    }
}

fn named(status: &Status, component: &str) -> bool {
    let component = status.component(component).unwrap();
    component.stuck == 1 && component.errors.iter().any(|error| error.message.starts_with("stuck: "))
}

#[test]
fn a_busy_loop_in_a_sync_bolt_is_named_and_its_task_is_replaced() {
    let (feeder, endless, seen) = (Feeder::new(), Loop::default(), Seen::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("sync");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(3)).output();
    let (inner, sink) = (endless, seen.clone());
    let busy = t.sync_bolt("busy", move || BusySync(Busy(inner.clone(), sink.clone())));
    busy.stuck_after(LIMIT).shuffle(numbers);
    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();

    let stuck = feeder.feed(13);
    let status = wait_until(&running, |status| named(status, "busy"));
    assert_eq!(status.leaked_threads.count, 1);
    let findings: Vec<_> = status.findings().iter().map(ToString::to_string).collect();
    let [culprit, threads] = &findings[..] else { panic!("{findings:?}") };
    assert!(
        culprit.starts_with("`busy` was stuck in 1 call, last in task 0: stuck: a call has kept"),
        "{culprit}"
    );
    assert!(culprit.contains("raise its `stuck_after`"), "{culprit}");
    assert!(threads.starts_with("1 thread left behind, of 8 that may be"), "{threads}");
    feeder.feed(14);
    seen.wait_for(14);
    wait_until(&running, |status| status.roots.pending == 0);

    assert_eq!(stuck.reason(), Some(Reason::Timeout), "what it held ends by the message timeout");
    feeder.end();
    let report = running.wait_blocking().unwrap();
    assert_eq!((report.roots().emitted, report.roots().acked), (2, 1));
    feeder.tracker().assert_one_outcome_each();
}

#[test]
fn the_neighbours_of_a_busy_loop_in_an_async_bolt_go_on_elsewhere() {
    let (feeder, endless, seen) = (Feeder::new(), Loop::default(), Seen::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("async");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(3)).output();
    let (inner, sink) = (endless, Seen::default());
    let busy = t.bolt("busy", move || Busy(inner.clone(), sink.clone()));
    busy.tasks(2).stuck_after(LIMIT).fields_by(numbers, |n| *n % 2);
    let sink = seen.clone();
    t.bolt("neighbour", move || Sink(sink.clone())).tasks(2).all(numbers);
    // One thread for all: the loop stops the spout and every bolt.
    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();

    feeder.feed(12);
    seen.wait_for(12);
    feeder.feed(13);
    let status = wait_until(&running, |status| named(status, "busy"));
    assert_eq!(status.leaked_threads.count, 1);
    assert_eq!(status.component("neighbour").unwrap().stuck, 0, "only the culprit is named");
    for number in 100..110 {
        feeder.feed(number);
        seen.wait_for(number);
    }
    wait_until(&running, |status| status.roots.pending == 0 && status.roots.acked == 11);

    feeder.end();
    let report = running.wait_blocking().unwrap();
    // The spout ran on the lost thread too: nobody can be told any more what became of 13.
    assert_eq!((report.roots().emitted, report.roots().failed), (12, 1));
}

#[test]
fn one_lost_thread_more_than_the_budget_fails_the_topology() {
    let (feeder, endless) = (Feeder::new(), Loop::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("budget");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(ms(400)).output();
    let (inner, sink) = (endless.clone(), Seen::default());
    let busy = t.sync_bolt("busy", move || BusySync(Busy(inner.clone(), sink.clone())));
    busy.stuck_after(LIMIT).shuffle(numbers);
    let options = Options::default().threads(1).leaked_threads(1);
    let running = Running::start(t.build().unwrap(), options).unwrap();

    feeder.feed(13);
    wait_until(&running, |status| status.leaked_threads.count == 1);
    feeder.feed(13);
    let failed = running.wait_blocking().unwrap_err();

    let Failed::Component { component, message, .. } = &failed else { panic!("{failed}") };
    assert_eq!(component, "busy");
    assert!(message.contains("one more than the budget of 1"), "{message}");
    assert_eq!(endless.entered.load(Ordering::Relaxed), 2);
}

#[test]
fn a_thread_that_comes_back_after_all_does_no_more_work() {
    let (feeder, endless, seen) = (Feeder::new(), Loop::default(), Seen::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("late");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(30)).output();
    let (inner, sink) = (endless.clone(), seen.clone());
    let busy = t.sync_bolt("busy", move || BusySync(Busy(inner.clone(), sink.clone())));
    busy.stuck_after(LIMIT).shuffle(numbers);
    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();

    // Quick so far, it takes several tuples at once.
    feeder.feed_all(1_000..2_000);
    seen.wait_for(1_999);
    let late = feeder.feed_together([13, 20, 21]);
    wait_until(&running, |status| named(status, "busy"));
    endless.is_released.store(true, Ordering::Relaxed);
    seen.wait_for(13);
    // It lets go of what it held: the root fails, though its timeout is far.
    wait_until(&running, |status| status.roots.pending == 0);

    assert_eq!(late.reason(), Some(Reason::Dropped));
    let mut seen = seen.0.0.lock().unwrap().clone();
    seen.retain(|number| *number < 1_000);
    assert_eq!(seen, [13], "what it had taken is not executed on a thread that was given up");
    feeder.end();
    running.wait_blocking().unwrap();
}

/// Loops in its factory, or in its last words, while it is armed.
struct Sticky(Loop, Seen, Arc<AtomicBool>);

impl Bolt for Sticky {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        self.1.add(number);
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        if self.2.swap(false, Ordering::Relaxed) {
            self.0.enter();
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_new_task_that_is_stuck_in_its_factory_is_named_and_the_rebalance_rolled_back() {
    let (feeder, endless, seen) = (Feeder::new(), Loop::default(), Seen::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("factory");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
    let (inner, sink) = (endless.clone(), seen.clone());
    let sticky = t.bolt_with("sticky", async move |cx: &TaskContext| {
        if cx.task == 1 {
            inner.enter();
        }
        Ok(Sticky(inner.clone(), sink.clone(), Arc::default()))
    });
    sticky.stuck_after(LIMIT).fields_by(numbers, |n| *n);
    let options = Options::default().threads(1).rebalance_deadline(s(2));
    let running = Running::start(t.build().unwrap(), options).unwrap();
    feeder.feed(1);
    seen.wait_for(1);

    let refused = running.rebalance("sticky", 2).await.unwrap_err();
    assert!(refused.to_string().contains("new task 1"), "{refused}");
    // All ran on the one thread.
    wait_until(&running, |status| named(status, "sticky"));
    feeder.feed(2);
    seen.wait_for(2);
    feeder.end();
    // Its routes hold nothing open either.
    let report = running.wait().await.unwrap();
    assert_eq!((report.status.leaked_threads.count, report.component("sticky").unwrap().tasks), (1, 1));
}

#[tokio::test]
async fn new_tasks_whose_thread_is_lost_before_they_begin_are_built_elsewhere() {
    let (feeder, endless, seen) = (Feeder::new(), Loop::default(), Seen::default());
    let _release = Release(endless.clone());
    let mut t = TopologyBuilder::new("words");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
    let (inner, sink, armed) = (endless.clone(), seen.clone(), Arc::new(AtomicBool::new(true)));
    let sticky = t.bolt("sticky", move || Sticky(inner.clone(), sink.clone(), Arc::clone(&armed)));
    sticky.stuck_after(LIMIT).fields_by(numbers, |n| *n);
    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();
    feeder.feed(1);
    seen.wait_for(1);

    // The last words of the old task keep the thread on which the new ones wait.
    running.rebalance("sticky", 3).await.unwrap();
    for number in 2..20 {
        feeder.feed(number);
        seen.wait_for(number);
    }
    let status = running.status();
    assert_eq!((status.leaked_threads.count, status.component("sticky").unwrap().tasks), (1, 3));
    assert_eq!(status.component("sticky").unwrap().stuck, 1);
    feeder.end();
    running.wait().await.unwrap();
}
