//! What comes in the middle of a rebalance, or too late for it, leaves nobody behind.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use squall::{Handover, Refused, Shares, TaskState, TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s, start};

#[test]
fn a_drain_in_the_middle_ends_the_rebalance_at_once() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("drained");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).stuck_after(s(60)).fields_by(numbers, |n: &u64| *n);
        let running = start(t);
        feeder.feed(1);
        advance(ms(10)).await;

        let handle = running.clone();
        let rebalance = tokio::task::spawn_local(async move { handle.rebalance("mock", 2).await });
        advance(ms(10)).await;
        running.drain(s(5));
        advance(ms(10)).await;

        assert!(rebalance.is_finished(), "a drain does not wait for the deadline of a rebalance");
        assert!(matches!(rebalance.await.unwrap(), Err(Refused::NotRunning)));
        mock.release();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().acked, report.roots().failed), (1, 0));
    });
}

#[test]
fn a_task_that_comes_to_rest_after_the_deadline_goes_on() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("late");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(300)).output();
        let mock = Mock::<u64>::echo();
        let echoed = t.bolt_with("mock", mock.bolts()).fields_by(numbers, |n| *n).output();
        t.bolt_with("sink", sink.bolts()).inbox(1).stuck_after(s(300)).shuffle(echoed);
        let running = start(t);
        feeder.feed_all(0..5);
        advance(ms(10)).await;
        assert_eq!((mock.count(), sink.stalled()), (5, 1));

        // It has executed everything, and waits for room for the last of it.
        let refused = running.rebalance("mock", 2).await.unwrap_err();
        assert!(matches!(refused, Refused::TooSlow { .. }), "{refused}");
        for _ in 0..5 {
            sink.release();
            advance(ms(10)).await;
        }
        quiescent(&running).await;

        feeder.feed(5);
        advance(ms(10)).await;
        assert_eq!(mock.count(), 6, "{:?}", running.status().component("mock").unwrap().task_states);
        sink.release();
        feeder.end();
        assert_eq!(running.wait().await.unwrap().roots().acked, 6);
    });
}

/// Emits its share of the numbers, those with n % tasks == task, and takes 20 s to close for the first time.
struct SlowToClose {
    task: usize,
    tasks: usize,
    world: Arc<Mutex<Vec<Option<u32>>>>,
    is_slow: Arc<AtomicBool>,
}

impl Spout for SlowToClose {
    type Id = usize;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, usize>) -> Result<Next> {
        tokio::time::sleep(ms(100)).await;
        let mut world = self.world.lock().unwrap();
        let own = (0..world.len()).filter(|n| n % self.tasks == self.task).find(|n| world[*n].is_none());
        let Some(number) = own else { return Ok(Next::End) };
        world[number] = Some(0);
        out.track(number).emit(number as u64);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, number: usize) {
        *self.world.lock().unwrap()[number].as_mut().unwrap() += 1;
    }

    async fn close(&mut self) {
        if self.is_slow.swap(false, Relaxed) {
            tokio::time::sleep(s(20)).await;
        }
    }
}

#[test]
fn a_spout_that_retires_after_the_deadline_begins_again() {
    virtual_time(async || {
        let world = Arc::new(Mutex::new(vec![None; 600]));
        let is_slow = Arc::new(AtomicBool::new(true));
        let mut t = TopologyBuilder::new("late");
        let (seen, slow) = (Arc::clone(&world), Arc::clone(&is_slow));
        let factory = async move |cx: &TaskContext| {
            let (world, is_slow) = (Arc::clone(&seen), Arc::clone(&slow));
            Ok(SlowToClose { task: cx.task, tasks: cx.tasks, world, is_slow })
        };
        let numbers = t.spout_with("numbers", factory).tasks(2).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);
        let running = start(t);
        advance(s(1)).await;

        let refused = running.rebalance("numbers", 3).await.unwrap_err();
        assert!(matches!(refused, Refused::TooSlow { .. }), "{refused}");
        assert_counts(&running.status());
        let report = running.wait().await.unwrap();

        assert!(
            world.lock().unwrap().iter().all(|acks| *acks == Some(1)),
            "both shares are read to their end"
        );
        assert_eq!((report.roots().acked, report.component("numbers").unwrap().tasks), (600, 2));
    });
}

/// Takes 15 s for its last words, for the first time.
struct SlowToDrain(Arc<AtomicBool>);

impl Bolt for SlowToDrain {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        if self.0.swap(false, Relaxed) {
            tokio::time::sleep(s(15)).await;
        }
        Ok(())
    }
}

#[test]
fn a_bolt_that_retires_after_the_deadline_is_replaced() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let is_slow = Arc::new(AtomicBool::new(true));
        let mut t = TopologyBuilder::new("late");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let slow = Arc::clone(&is_slow);
        let bolt = t.bolt("slow", move || SlowToDrain(Arc::clone(&slow)));
        bolt.tasks(3).stuck_after(s(60)).shuffle(numbers);
        let running = start(t);
        quiescent(&running).await;

        let refused = running.rebalance("slow", 1).await.unwrap_err();
        assert!(matches!(refused, Refused::TooSlow { .. }), "{refused}");
        advance(s(10)).await;

        let states = running.status().component("slow").unwrap().task_states.clone();
        assert_eq!(states, [TaskState::Running; 3]);
        feeder.end();
        running.wait().await.unwrap();
    });
}

/// Emits ten numbers and ends.
struct Ten(u64);

impl Spout for Ten {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.0 == 10 {
            return Ok(Next::End);
        }
        self.0 += 1;
        out.track(self.0).emit(self.0);
        Ok(Next::Emitted)
    }
}

/// Counts its last words.
struct LastWords(Arc<AtomicUsize>);

impl Bolt for LastWords {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.0.fetch_add(1, Relaxed);
        out.emit(0);
        Ok(())
    }
}

#[test]
fn what_has_ended_by_itself_does_not_begin_again() {
    virtual_time(async || {
        let (feeder, drains, sink) =
            (Feeder::<u64>::new(), Arc::new(AtomicUsize::new(0)), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("ended");
        let ten = t.spout("ten", || Ten(0)).output();
        let counted = Arc::clone(&drains);
        let last = t.bolt("last", move || LastWords(Arc::clone(&counted))).shuffle(ten).output();
        t.bolt_with("sink", sink.bolts()).shuffle(last);
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("other", Mock::<u64>::echo().bolts()).shuffle(numbers);
        let running = start(t);
        quiescent(&running).await;
        assert_eq!((drains.load(Relaxed), running.status().roots.acked), (1, 10));

        running.rebalance("ten", 3).await.unwrap();
        running.rebalance("last", 3).await.unwrap();
        running.rebalance("sink", 3).await.unwrap();
        quiescent(&running).await;

        assert_eq!((drains.load(Relaxed), running.status().roots.emitted), (1, 10));
        assert_eq!(sink.count(), 1);
        feeder.end();
        running.wait().await.unwrap();
    });
}

/// State that cannot be copied once it is armed.
struct Fragile(u64, Arc<AtomicBool>);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(!self.1.load(Relaxed), "no copy");
        Self(self.0, Arc::clone(&self.1))
    }
}

struct Sum {
    sum: u64,
    is_armed: Arc<AtomicBool>,
    total: Arc<AtomicU64>,
}

impl Bolt for Sum {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        self.sum += number;
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        self.total.fetch_add(std::mem::take(&mut self.sum), Relaxed);
        Ok(())
    }
}

impl Handover for Sum {
    type State = Fragile;

    fn give(&mut self, shares: &mut Shares<Fragile>) {
        shares.put(&0, Fragile(std::mem::take(&mut self.sum), Arc::clone(&self.is_armed)));
    }

    fn take(&mut self, state: Fragile) {
        self.sum += state.0;
    }
}

#[test]
fn state_that_cannot_be_copied_rolls_the_rebalance_back() {
    virtual_time(async || {
        let (feeder, is_armed, total) =
            (Feeder::<u64>::new(), Arc::new(AtomicBool::new(true)), Arc::default());
        let mut t = TopologyBuilder::new("fragile");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let (armed, sum) = (Arc::clone(&is_armed), Arc::clone(&total));
        let factory = move || Sum { sum: 0, is_armed: Arc::clone(&armed), total: Arc::clone(&sum) };
        t.stateful_bolt("sum", factory).fields_by(numbers, |_| 0);
        let running = start(t);
        feeder.feed_all([1, 2, 3]);
        quiescent(&running).await;

        let refused = running.rebalance("sum", 2).await.unwrap_err();
        assert!(refused.to_string().contains("no copy"), "{refused}");
        is_armed.store(false, Relaxed);
        running.rebalance("sum", 2).await.unwrap();
        feeder.feed(4);
        feeder.end();
        running.wait().await.unwrap();
        assert_eq!(total.load(Relaxed), 10);
    });
}

#[test]
fn a_rebalance_does_not_use_up_the_restarts_of_a_component_in_trouble() {
    virtual_time(async || {
        let (feeder, is_down) = (Feeder::<u64>::new(), Arc::new(AtomicBool::new(false)));
        let mock = Mock::<u64>::acting(|call| match call.value {
            13 => squall_testkit::Act::Panic,
            _ => squall_testkit::Act::Pass,
        });
        let mut t = TopologyBuilder::new("trouble");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let (down, bolts) = (Arc::clone(&is_down), mock.bolts());
        let factory = async move |cx: &TaskContext| {
            if down.load(Relaxed) {
                return Err(Error::retryable("no connection"));
            }
            bolts(cx).await
        };
        t.bolt_with("mock", factory).fields_by(numbers, |n| *n);
        let running = start(t);
        feeder.feed(1);
        quiescent(&running).await;
        is_down.store(true, Relaxed);
        feeder.feed(13);
        advance(ms(50)).await;

        let handle = running.clone();
        let rebalance = tokio::task::spawn_local(async move { handle.rebalance("mock", 2).await });
        advance(s(1)).await;
        is_down.store(false, Relaxed);

        rebalance.await.unwrap().unwrap();
        feeder.feed(2);
        feeder.end();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().acked, report.roots().failed), (2, 1));
    });
}

#[test]
fn a_producer_that_backs_off_keeps_nobody_from_being_rebalanced() {
    virtual_time(async || {
        let (feeder, is_down) = (Feeder::<u64>::new(), Arc::new(AtomicBool::new(false)));
        let mock = Mock::<u64>::acting(|call| match call.value {
            13 => squall_testkit::Act::Panic,
            _ => squall_testkit::Act::Pass,
        });
        let mut t = TopologyBuilder::new("producer");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let (down, bolts) = (Arc::clone(&is_down), mock.bolts());
        let factory = async move |cx: &TaskContext| {
            if down.load(Relaxed) {
                return Err(Error::retryable("no connection"));
            }
            bolts(cx).await
        };
        let passed = t.bolt_with("mock", factory).shuffle(numbers).output();
        let sink = Mock::<u64>::echo();
        t.bolt_with("sink", sink.bolts()).fields_by(passed, |n| *n);
        let running = start(t);
        feeder.feed(1);
        quiescent(&running).await;
        is_down.store(true, Relaxed);
        feeder.feed_all([13, 2]);
        advance(s(1)).await;

        let handle = running.clone();
        let rebalance = tokio::task::spawn_local(async move { handle.rebalance("sink", 2).await });
        advance(ms(10)).await;
        assert!(rebalance.is_finished(), "it has nothing to hand over");
        rebalance.await.unwrap().unwrap();
        is_down.store(false, Relaxed);
        feeder.end();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().acked, report.roots().failed, sink.count()), (2, 1, 2));
    });
}

#[test]
fn a_drain_in_the_middle_of_a_rebalance_of_spouts_ends_both() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("drained");
        let numbers = t.spout("numbers", feeder.spouts()).tasks(3).output();
        t.bolt_with("mock", mock.bolts()).stuck_after(s(60)).shuffle(numbers);
        let running = start(t);
        feeder.feed(1);
        advance(ms(10)).await;

        let handle = running.clone();
        let rebalance = tokio::task::spawn_local(async move { handle.rebalance("numbers", 5).await });
        advance(ms(10)).await;
        running.drain(s(5));
        advance(ms(10)).await;

        assert!(matches!(rebalance.await.unwrap(), Err(Refused::NotRunning)));
        mock.release();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().acked, report.roots().failed), (1, 0));
    });
}

#[test]
fn a_source_that_ends_in_the_middle_ends_the_topology_afterwards() {
    for tasks in [1, 4] {
        virtual_time(async || {
            let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
            let mut t = TopologyBuilder::new("ends");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let keyed = t.bolt_with("mock", mock.bolts()).tasks(2).stuck_after(s(60));
            let echoed = keyed.fields_by(numbers, |n| *n).output();
            t.bolt_with("sink", Mock::<u64>::echo().bolts()).tasks(2).shuffle(echoed);
            let running = start(t);
            feeder.feed_all([1, 2]);
            advance(ms(10)).await;

            let handle = running.clone();
            let rebalance = tokio::task::spawn_local(async move { handle.rebalance("mock", tasks).await });
            advance(ms(10)).await;
            feeder.end();
            advance(ms(10)).await;
            while mock.stalled() > 0 {
                mock.release();
                advance(ms(10)).await;
            }

            rebalance.await.unwrap().unwrap();
            let report = running.wait().await.unwrap();
            assert_eq!((report.roots().acked, report.roots().failed), (2, 0));
            assert_eq!(report.component("mock").unwrap().executed, 2);
        });
    }
}
