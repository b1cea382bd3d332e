//! Start, pause, resume, drain, kill; the end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use squall::{TaskState, TopologyBuilder, TopologyState, prelude::*};
use squall_testkit::{Capture, Fed, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Held, ms, s, start, start_paused};

type Log = Arc<Mutex<Vec<String>>>;

fn log(log: &Log, line: impl Into<String>) {
    log.lock().unwrap().push(line.into());
}

#[test]
fn a_paused_start_builds_nothing_and_resume_builds_all() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let opened = Arc::new(AtomicU64::new(0));
        let (open, spouts) = (Arc::clone(&opened), feeder.spouts());
        let mut t = TopologyBuilder::new("paused");
        let numbers = t
            .spout("numbers", move || {
                open.fetch_add(1, Ordering::Relaxed);
                spouts()
            })
            .output();
        t.bolt_with("mock", mock.bolts()).tasks(2).shuffle(numbers);
        let running = start_paused(t);

        let fed = feeder.feed(1);
        advance(s(60)).await;
        assert_eq!((opened.load(Ordering::Relaxed), mock.built()), (0, 0));
        let status = running.status();
        assert_eq!(status.state, TopologyState::Paused);
        assert_eq!(status.component("mock").unwrap().task_states, [TaskState::Waiting; 2]);
        running.resume();
        quiescent(&running).await;

        assert_eq!((opened.load(Ordering::Relaxed), mock.built()), (1, 2));
        assert!(fed.is_acked());
    });
}

#[test]
fn a_pause_stops_the_spouts_and_what_is_in_flight_goes_on() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("pause");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let before = feeder.feed_all(0..10);
        advance(ms(5)).await;
        running.pause();
        advance(ms(5)).await;
        let during = feeder.feed_all(10..20);
        mock.release();
        advance(ms(20)).await;
        assert!(before.iter().all(Fed::is_acked));
        assert_eq!((feeder.emissions(), running.status().state), (10, TopologyState::Paused));
        running.resume();
        quiescent(&running).await;

        assert!(during.iter().all(Fed::is_acked));
        assert_eq!(running.status().state, TopologyState::Running);
    });
}

/// Emits one number after another, and notes what it is told.
struct Told(Log, u64);

impl Spout for Told {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        tokio::time::sleep(ms(10)).await;
        self.1 += 1;
        out.track(self.1).emit(self.1);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, _: u64) {
        log(&self.0, "ack");
    }

    async fn deactivate(&mut self) {
        log(&self.0, "deactivate");
    }

    async fn close(&mut self) {
        log(&self.0, "close");
    }
}

#[test]
fn a_spout_is_told_at_once_that_it_is_paused_or_drained() {
    virtual_time(async || {
        let lines = Log::default();
        let (told, mock) = (Arc::clone(&lines), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("deactivated");
        let numbers = t.spout("numbers", move || Told(Arc::clone(&told), 0)).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        advance(ms(15)).await;
        running.pause();
        advance(ms(50)).await;
        assert_eq!(*lines.lock().unwrap(), ["deactivate"], "once, although it stays paused");
        running.resume();
        advance(ms(15)).await;
        running.drain(s(60));
        advance(ms(50)).await;
        assert_eq!(*lines.lock().unwrap(), ["deactivate"; 2], "before what is pending has its outcome");
        mock.release();
        running.wait().await.unwrap();

        assert_eq!(*lines.lock().unwrap(), ["deactivate", "deactivate", "ack", "ack", "close"]);
    });
}

#[test]
fn a_paused_root_still_times_out() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("paused-timeout");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed(1);
        advance(ms(1)).await;
        running.pause();

        assert_eq!(fed.settled().await.reason(), Some(Reason::Timeout));
    });
}

/// Adds up, and emits the sum as its last words.
struct Sum {
    name: &'static str,
    sum: u64,
    log: Log,
}

impl Bolt for Sum {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        self.sum += n;
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        // However long the last words take: downstream waits for them.
        tokio::time::sleep(ms(50)).await;
        log(&self.log, format!("{} has {}", self.name, self.sum));
        out.emit(self.sum);
        Ok(())
    }
}

fn sums(t: &mut TopologyBuilder, numbers: squall::Stream<u64>, lines: &Log) -> Capture<u64> {
    let mut stream = numbers;
    for name in ["first", "second", "third"] {
        let log = Arc::clone(lines);
        stream = t.bolt(name, move || Sum { name, sum: 0, log: Arc::clone(&log) }).shuffle(stream).output();
    }
    Capture::of(t, stream)
}

#[test]
fn components_drain_behind_those_they_read_from_and_last_words_reach_them() {
    for by_command in [false, true] {
        virtual_time(async || {
            let (feeder, lines) = (Feeder::new(), Log::default());
            let mut t = TopologyBuilder::new("sums");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let captured = sums(&mut t, numbers, &lines);
            let running = start(t);

            feeder.feed_all(1..=100);
            quiescent(&running).await;
            assert!(lines.lock().unwrap().is_empty(), "no last words before the end");
            if by_command {
                running.drain(s(10));
            } else {
                feeder.end();
            }
            let report = running.wait().await.unwrap();

            let said = ["first has 5050", "second has 5050", "third has 5050"];
            assert_eq!(*lines.lock().unwrap(), said);
            assert_eq!(captured.tuples(), [5050]);
            assert_eq!(report.status.state, TopologyState::Ended);
            let states = report.status.components.iter().flat_map(|component| &component.task_states);
            assert!(states.into_iter().all(|state| *state == TaskState::Finished));
        });
    }
}

#[test]
fn a_task_drains_only_when_all_it_reads_from_are_done() {
    virtual_time(async || {
        let (early, late, lines) = (Feeder::of([1_u64]), Feeder::new(), Log::default());
        let mut t = TopologyBuilder::new("two-inputs");
        let a = t.spout("early", early.spouts()).output();
        let b = t.spout("late", late.spouts()).output();
        let log = Arc::clone(&lines);
        t.bolt("sum", move || Sum { name: "sum", sum: 0, log: Arc::clone(&log) }).shuffle(a).shuffle(b);
        let running = start(t);

        advance(s(10)).await;
        assert!(lines.lock().unwrap().is_empty());
        late.feed(2);
        late.end();
        running.wait().await.unwrap();

        assert_eq!(*lines.lock().unwrap(), ["sum has 3"]);
    });
}

/// A spout that writes down what it is told.
struct Noted {
    left: u64,
    log: Log,
}

impl Spout for Noted {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.left == 0 {
            std::future::pending::<()>().await;
        }
        self.left -= 1;
        out.track(self.left).emit(self.left);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, id: u64) {
        log(&self.log, format!("acked {id}"));
    }

    async fn fail(&mut self, id: u64, why: Reason) {
        log(&self.log, format!("failed {id}: {why}"));
    }

    async fn close(&mut self) {
        log(&self.log, "closed");
    }
}

#[test]
fn a_spout_is_closed_last_when_every_root_has_its_outcome() {
    for (deadline, told) in [(s(60), "acked"), (ms(100), "failed")] {
        virtual_time(async || {
            let (lines, held) = (Log::default(), Held::default());
            let mut t = TopologyBuilder::new("closed");
            let log = Arc::clone(&lines);
            let numbers = t.spout("numbers", move || Noted { left: 3, log: Arc::clone(&log) }).output();
            t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(numbers);
            let running = start(t);

            advance(ms(10)).await;
            running.drain(deadline);
            advance(s(1)).await;
            held.ack();
            running.wait().await.unwrap();

            let lines = lines.lock().unwrap();
            assert_eq!(lines.len(), 4, "{lines:?}");
            assert!(lines[..3].iter().all(|line| line.starts_with(told)), "{lines:?}");
            assert_eq!(lines[3], "closed");
        });
    }
}

#[test]
fn a_drain_asks_no_spout_again_and_replays_nothing() {
    virtual_time(async || {
        let feeder = Feeder::new().replaying(10);
        let mock = Mock::<u64>::acting(|call| {
            use squall_testkit::Act::{Fail, Stall};
            if call.delivery.attempt == 1 && call.value == 0 { Stall } else { Fail }
        });
        let mut t = TopologyBuilder::new("no-replay");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(5).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..100);
        advance(ms(5)).await;
        running.drain(s(10));
        advance(ms(5)).await;
        mock.release();
        let report = running.wait().await.unwrap();

        assert_eq!((feeder.emissions(), report.roots().emitted, report.roots().pending), (5, 5, 0));
        assert_eq!((report.roots().acked, report.roots().failed_by["explicit"]), (1, 4));
        assert_eq!(feeder.closed(), 1);
    });
}

#[test]
fn a_drain_of_a_topology_that_was_never_resumed_ends_it() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("never");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start_paused(t);

        running.drain(s(10));
        let report = running.wait().await.unwrap();

        assert_eq!((mock.built(), report.status.state), (0, TopologyState::Ended));
    });
}

#[test]
fn a_drain_is_not_taken_back() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("one-way");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(1).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..2);
        advance(ms(5)).await;
        running.drain(s(60));
        running.resume();
        running.pause();
        advance(ms(5)).await;
        assert_eq!(running.status().state, TopologyState::Draining);
        mock.release();
        running.wait().await.unwrap();

        assert_eq!(feeder.emissions(), 1);
    });
}

#[test]
fn a_kill_ends_at_once_whatever_awaits() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("kill");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("mock", mock.bolts()).tasks(4).inbox(10).shuffle(numbers).output();
        t.bolt_with("behind", Mock::<u64>::echo().bolts()).tick(s(1)).shuffle(passed);
        let running = start(t);

        feeder.feed_all(0..1000);
        advance(ms(1500)).await;
        running.kill();
        let report = running.wait().await.unwrap();

        assert_eq!(report.duration, ms(1500));
        assert_eq!((report.status.state, report.roots().pending), (TopologyState::Ended, 0));
        assert_eq!(feeder.closed(), 1);
        running.kill();
        running.drain(s(1));
        assert_eq!(running.status().state, TopologyState::Ended, "an end is an end");
    });
}

#[test]
fn a_kill_during_a_drain_does_not_wait_for_the_deadline() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("impatient");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed(1);
        advance(s(1)).await;
        running.drain(s(3600));
        advance(s(1)).await;
        running.kill();

        assert_eq!(running.wait().await.unwrap().duration, s(2));
    });
}

/// Never has anything.
struct Idle(Arc<AtomicU64>);

impl Spout for Idle {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Next::Idle)
    }
}

#[test]
fn a_spout_that_is_idle_is_asked_again_soon_and_not_all_the_time() {
    virtual_time(async || {
        let asked = Arc::new(AtomicU64::new(0));
        let mut t = TopologyBuilder::new("idle");
        let shared = Arc::clone(&asked);
        t.spout("idle", move || Idle(Arc::clone(&shared))).output();
        start(t);

        advance(s(10)).await;

        assert!((300..=1100).contains(&asked.load(Ordering::Relaxed)), "in ten seconds {asked:?} times");
    });
}

#[test]
fn an_end_is_told_to_everybody_who_waits_on_any_thread() {
    let (feeder, mock) = (Feeder::of(0..100), Mock::<u64>::echo());
    let mut t = TopologyBuilder::new("waiters");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).shuffle(numbers);
    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();

    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(running.wait_blocking().unwrap().roots().acked, 100));
        }
    });
    assert_eq!(running.wait_blocking().unwrap().roots().acked, 100, "and to those who come late");
}
