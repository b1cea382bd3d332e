//! Spouts: the old tasks end with nothing in flight before the new ones divide the source anew.

use std::sync::{Arc, Mutex};

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s, start};

/// Emits the numbers that are its task's: n % tasks == task.
struct Share {
    task: usize,
    tasks: usize,
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    /// Which numbers were acked, and how often.
    acked: Vec<u32>,
    /// Tracked and without an outcome.
    open: Vec<usize>,
    most_tasks: usize,
}

impl Share {
    fn take(&self) -> Option<usize> {
        let mut world = self.world.lock().unwrap();
        let is_mine =
            |n: &usize| n % self.tasks == self.task && world.acked[*n] == 0 && !world.open.contains(n);
        let number = (0..world.acked.len()).find(is_mine)?;
        world.open.push(number);
        world.most_tasks = world.most_tasks.max(self.tasks);
        Some(number)
    }
}

impl Spout for Share {
    type Id = usize;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, usize>) -> Result<Next> {
        let Some(number) = self.take() else { return Ok(Next::End) };
        out.track(number).emit(number as u64);
        tokio::time::sleep(ms(1)).await;
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, number: usize) {
        let mut world = self.world.lock().unwrap();
        world.acked[number] += 1;
        world.open.retain(|open| *open != number);
    }
}

#[test]
fn the_source_is_divided_anew_and_every_number_comes_once() {
    virtual_time(async || {
        let world = Arc::new(Mutex::new(World { acked: vec![0; 600], ..World::default() }));
        let mut t = TopologyBuilder::new("shares");
        let seen = Arc::clone(&world);
        let factory = async move |cx: &TaskContext| {
            Ok(Share { task: cx.task, tasks: cx.tasks, world: Arc::clone(&seen) })
        };
        let numbers = t.spout_with("shares", factory).tasks(2).max_pending(16).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).tasks(2).shuffle(numbers);
        let running = start(t);

        for tasks in [4, 2, 8, 3] {
            advance(ms(20)).await;
            running.rebalance("shares", tasks).await.unwrap();
            assert_counts(&running.status());
        }
        let report = running.wait().await.unwrap();

        let world = world.lock().unwrap();
        assert!(world.acked.iter().all(|acks| *acks == 1), "{:?}", world.acked);
        assert_eq!(world.most_tasks, 8);
        assert_eq!((report.roots().emitted, report.roots().acked), (600, 600));
    });
}

#[test]
fn a_root_that_does_not_end_in_time_keeps_its_spout() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::holds_every(2);
        let mut t = TopologyBuilder::new("held");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(60)).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);
        feeder.feed_all([1u64, 2]);
        quiescent_but_held(&running).await;

        let refused = running.rebalance("numbers", 4).await.unwrap_err();

        assert!(refused.to_string().starts_with("`numbers` did not come to rest within 10s"), "{refused}");
        mock.let_go();
        running.rebalance("numbers", 4).await.unwrap();
        feeder.feed_all([3]);
        feeder.end();
        let report = running.wait().await.unwrap();
        assert_eq!(report.component("numbers").unwrap().tasks, 4);
        assert_eq!((report.roots().emitted, report.roots().pending), (3, 0));
        feeder.tracker().assert_one_outcome_each();
    });
}

async fn quiescent_but_held(running: &Running) {
    advance(ms(10)).await;
    assert_eq!(running.status().roots.pending, 1);
}

#[test]
fn a_paused_topology_is_rebalanced_and_stays_paused() {
    virtual_time(async || {
        let feeder = Feeder::new();
        feeder.feed_all(0..10u64);
        let mut t = TopologyBuilder::new("paused");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).fields_by(numbers, |n| *n);
        let running = start(t);
        quiescent(&running).await;
        running.pause();
        advance(ms(10)).await;
        feeder.feed_all(10..20);

        running.rebalance("mock", 4).await.unwrap();
        running.rebalance("numbers", 2).await.unwrap();
        advance(ms(50)).await;
        assert_eq!(running.status().roots.emitted, 10);
        running.resume();
        feeder.end();

        assert_eq!(running.wait().await.unwrap().roots().acked, 20);
    });
}
