//! Everything at once on real threads: panics, errors, stalls and pauses for as long as `SQUALL_SOAK` says, in
//! seconds. `SQUALL_SEED` repeats the faults of a run, though not what the scheduler made of them.
//!
//! The oracle: `emitted = acked + failed + pending` at every look; every root that failed is emitted again until
//! it is acked, and acked once; at the end nothing is pending; the memory does not grow with the time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::{
    collections::{BTreeSet, VecDeque},
    env, fs,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, RandomState},
    panic,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use squall::{Report, RestartPolicy, prelude::*};
use squall_tests::{assert_counts, ms};
use tokio::{task::spawn_local, time::sleep};

/// Tasks of the spout.
const SPOUTS: usize = 3;

/// After so long, queues and tables have come to their size.
const SETTLED: Duration = Duration::from_secs(5);
const GROWTH_MIB: f64 = 20.0;

/// Why roots fail here.
const REASONS: [&str; 3] = ["explicit", "panic", "dropped"];

/// From the last new root to the end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the spout's tasks know of their roots, rebuilt or not.
#[derive(Default)]
struct Books {
    next: u64,
    open: BTreeSet<u64>,
    replays: VecDeque<(u64, Delivery)>,
    acked: u64,
    failed: u64,
    replayed: u64,
    /// What should not have happened.
    wrong: Option<String>,
}

struct World {
    seed: u64,
    books: [Mutex<Books>; SPOUTS],
    /// No more new roots.
    is_over: AtomicBool,
    executes: AtomicU64,
}

impl World {
    /// The same number for the same seed and place, below `sides`.
    fn dice(&self, place: impl Hash, sides: u64) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one((self.seed, place)) % sides
    }

    /// Panics, fails, stalls, loses or delays the tuple; most of the time nothing.
    fn fault(&self, place: &str) -> Fault {
        // Not by tuple: a replay would meet the same fault for ever.
        let execute = self.executes.fetch_add(1, Ordering::Relaxed);
        match self.dice((place, execute), 2_000) {
            0 | 1 => panic!("soak: execute panics"),
            2..8 => Fault::Refuses(execute),
            8 | 9 => Fault::Stalls(ms(1 + execute % 15)),
            10 => Fault::Drops,
            11..14 => Fault::AcksLate(ms(execute % 30)),
            _ => Fault::None,
        }
    }
}

enum Fault {
    None,
    Refuses(u64),
    Stalls(Duration),
    Drops,
    AcksLate(Duration),
}

impl Fault {
    /// What is left of it when nothing is to be awaited any more.
    fn end<O: squall::Outputs>(self, out: &mut Output<O>) -> Result<()> {
        match self {
            // A text of its own each time: the list of errors must not grow with them.
            Self::Refuses(execute) => return Err(Error::retryable(format!("execute {execute} fails"))),
            Self::Drops => drop(out.hold()),
            _ => {}
        }
        Ok(())
    }
}

struct Numbers {
    world: Arc<World>,
    task: usize,
    turns: u64,
}

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        self.turns += 1;
        // Only once it has got something done: what a run without an ack leaves is a back-off.
        assert!(self.turns % 5_000 != 4_999, "soak: next panics");
        let mut books = self.world.books[self.task].lock().unwrap();
        let (number, delivery) = if let Some(replay) = books.replays.pop_front() {
            books.replayed += 1;
            replay
        } else if self.world.is_over.load(Ordering::Relaxed) {
            return Ok(Next::End);
        } else {
            let number = books.next;
            books.next += 1;
            books.open.insert(number);
            (number, Delivery::first())
        };
        drop(books);
        out.redeliver(number, delivery).emit(number);
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, number: u64) {
        let mut books = self.world.books[self.task].lock().unwrap();
        books.acked += 1;
        if !books.open.remove(&number) {
            books.wrong = Some(format!("root {number} was acked twice"));
        }
    }

    async fn failed(&mut self, number: u64, failure: Failure) {
        let mut books = self.world.books[self.task].lock().unwrap();
        books.failed += 1;
        if !books.open.contains(&number) {
            books.wrong = Some(format!("root {number} failed after its ack"));
        }
        books.replays.push_back((number, failure.delivery.after(failure.reason)));
    }
}

/// Emits each number twice.
struct Double(Arc<World>);

impl Bolt for Double {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number);
        out.emit(number / 2);
        let fault = self.0.fault("double");
        match fault {
            Fault::Stalls(time) => sleep(time).await,
            Fault::AcksLate(time) => {
                let held = out.hold();
                spawn_local(async move {
                    sleep(time).await;
                    held.ack();
                });
            }
            _ => {}
        }
        fault.end(out)
    }
}

struct Blocking(Arc<World>);

impl SyncBolt for Blocking {
    type In = u64;
    type Out = Emit<u64>;

    fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number);
        let fault = self.0.fault("blocking");
        match fault {
            Fault::Stalls(time) => thread::sleep(time),
            Fault::AcksLate(_) => {
                let held = out.hold();
                // Flushed by hand, acked by another thread.
                out.flush_blocking();
                thread::spawn(move || held.ack());
            }
            _ => {}
        }
        fault.end(out)
    }
}

fn plan(world: &Arc<World>) -> Plan {
    let mut t = TopologyBuilder::new("soak");
    // Nothing here is about giving up.
    let restart =
        RestartPolicy { backoff: ms(1), max_backoff: ms(4), budget: 1_000_000, ..RestartPolicy::default() };
    let [w0, w1, w2, w3] = [(); 4].map(|()| Arc::clone(world));
    let spout = async move |cx: &TaskContext| Ok(Numbers { world: Arc::clone(&w0), task: cx.task, turns: 0 });
    let numbers = t.spout_with("numbers", spout).tasks(SPOUTS).max_pending(200).restart(restart).output();
    let shuffled = t.bolt("shuffled", move || Double(Arc::clone(&w1)));
    let shuffled = shuffled.tasks(3).inbox(64).restart(restart).shuffle(numbers).output();
    let keyed = t.bolt("keyed", move || Double(Arc::clone(&w2)));
    let keyed = keyed.tasks(4).inbox(64).restart(restart).fields_by(shuffled, |number| number % 97).output();
    let blocking = t.sync_bolt("blocking", move || Blocking(Arc::clone(&w3)));
    blocking.tasks(2).inbox(64).restart(restart).shuffle(keyed).shuffle(shuffled);
    t.build().expect("the plan is valid")
}

/// Looks and disturbs until the topology has ended. Returns how often it looked, and the growth of the memory in MiB.
fn disturb(running: &Running, world: &World, time: Duration, ended: &Receiver<()>) -> (u64, Option<f64>) {
    let start = Instant::now();
    let (mut looks, mut settled, mut last) = (0, None, None);
    let mut pause = ms(1);
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let status = running.status();
        assert_counts(&status);
        looks += 1;
        pause = ms(1);
        let age = start.elapsed();
        let is_seen = |reason: &&str| status.roots.failed_by.get(*reason) > Some(&0);
        // The rarest comes once in 2000 executes: where all stands still for a while it may want more time.
        if age >= time && (REASONS.iter().all(is_seen) || age >= time + PATIENCE / 2) {
            last = last.or_else(|| Some(resident_mib()));
            running.resume();
            world.is_over.store(true, Ordering::Relaxed);
            assert!(age < time + PATIENCE, "it does not come to its end: {:#?}", running.status());
            continue;
        }
        if age >= SETTLED {
            settled = settled.or_else(|| Some(resident_mib()));
        }
        match world.dice(("command", looks), 100) {
            0 => {
                running.pause();
                pause = ms(looks % 25);
            }
            1..50 => running.resume(),
            _ => {}
        }
    }
    (looks, settled.zip(last).map(|(settled, last)| last - settled))
}

/// The memory of this process that is resident.
fn resident_mib() -> f64 {
    // In pages, whose size is not told here: 4 KiB but on a few machines.
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages / 256.0
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{value}`")))
}

#[test]
fn every_root_is_acked_in_the_end_whatever_happens_meanwhile() {
    let seconds = number("SQUALL_SOAK").unwrap_or(2);
    let seed = number("SQUALL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("seed {seed}, {seconds} s");
    silence_panics();
    let books = Default::default();
    let world = Arc::new(World { seed, books, is_over: AtomicBool::new(false), executes: AtomicU64::new(0) });

    let running = Running::start(plan(&world), Options::default()).expect("it starts");
    let (end, ended) = channel::<()>();
    let (report, (looks, growth)) = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let report = running.wait_blocking();
            drop(end);
            report
        });
        let killed_at_a_panic = Kill(&running);
        let looked = disturb(&running, &world, Duration::from_secs(seconds), &ended);
        drop(killed_at_a_panic);
        (waiting.join().unwrap(), looked)
    });

    let report = report.expect("it comes to its end");
    judge(&report, &world);
    println!(
        "{} roots emitted, {} acked, {} failed and replayed; {looks} looks; memory after 5 s: {}",
        report.roots().emitted,
        report.roots().acked,
        report.roots().failed,
        growth.map_or_else(|| "-".to_owned(), |mib| format!("{mib:+.1} MiB")),
    );
    println!("failed by {:?}", report.roots().failed_by);
    if let Some(mib) = growth {
        assert!(mib < GROWTH_MIB, "the memory has grown by {mib:.1} MiB since the first 5 s");
    }
}

fn judge(report: &Report, world: &World) {
    assert_counts(&report.status);
    let roots = report.roots();
    assert_eq!(roots.pending, 0);
    let (mut emitted, mut acked, mut failed) = (0, 0, 0);
    for books in &world.books {
        let books = books.lock().unwrap();
        assert_eq!(books.wrong, None);
        assert!(books.open.is_empty(), "without an ack: {:?}", books.open);
        assert_eq!((books.acked, books.failed), (books.next, books.replayed));
        emitted += books.next + books.replayed;
        acked += books.acked;
        failed += books.failed;
    }
    assert_eq!((roots.emitted, roots.acked, roots.failed), (emitted, acked, failed));
    for reason in REASONS {
        assert!(roots.failed_by.get(reason) > Some(&0), "no root failed by {reason}: {roots:?}");
    }
}

/// Lets `wait` return when a look has found something wrong.
struct Kill<'a>(&'a Running);

impl Drop for Kill<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.kill();
        }
    }
}

/// Thousands of messages about panics that are meant would hide all others, and fill the memory of who keeps them.
fn silence_panics() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload_as_str().is_some_and(|text| text.starts_with("soak: ")) {
            tell(info);
        }
    }));
}
