//! Promises 6 and 7 together, on real threads: while tuples flow, one bolt panics and two hang, an operator
//! doubles and halves the tasks of every component again and again, by call and by settings, for as long as
//! `SQUALL_SOAK` says, in seconds. `SQUALL_SEED` repeats the faults.
//!
//! The oracle: `emitted = acked + failed + pending` at every look; every number of the source is acked, and acked
//! once; no key is in two tasks at once; what the tasks of the stateful bolt know at the end is what they were
//! given; every task that hung is named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    env,
    hash::{BuildHasher, RandomState},
    panic,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use squall::{Handover, Refused, Shares, config::Config, prelude::*};
use squall_tests::{assert_counts, ms, s};

/// The source has so many parts; the tasks of the spout divide them among themselves.
const PARTS: usize = 16;
const KEYS: u64 = 97;
const LIMIT: Duration = Duration::from_millis(200);
/// Threads that the sync bolt may keep. Each is lost for the whole run.
const LOOPS: u64 = 6;

#[derive(Default)]
struct Part {
    next: u64,
    open: BTreeSet<u64>,
    replays: VecDeque<(u64, Delivery)>,
    acked: u64,
    /// The task that emits it.
    owner: Option<usize>,
}

struct World {
    seed: u64,
    parts: [Mutex<Part>; PARTS],
    is_over: AtomicBool,
    /// Lets the loops end with the test.
    is_released: AtomicBool,
    executes: AtomicU64,
    built: AtomicU64,
    hung: AtomicU64,
    looped: AtomicU64,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    /// By key: the instance that has it.
    owners: HashMap<u64, u64>,
    executed: BTreeMap<u64, u64>,
    drained: BTreeMap<u64, u64>,
    lost: BTreeMap<u64, u64>,
    wrong: Option<String>,
}

impl World {
    /// A number below `sides`, the same for the same seed and execute.
    fn dice(&self, sides: u64) -> u64 {
        let execute = self.executes.fetch_add(1, Relaxed);
        fastrand::Rng::with_seed(self.seed ^ execute.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..sides)
    }
}

/// Emits the parts of the source that are its own.
struct Numbers {
    world: Arc<World>,
    task: usize,
    tasks: usize,
    turn: usize,
}

impl Numbers {
    fn own(&self) -> impl Iterator<Item = usize> + use<> {
        (self.task..PARTS).step_by(self.tasks)
    }

    fn take(&self, at: usize) -> Option<(u64, Delivery)> {
        let mut part = self.world.parts[at].lock().unwrap();
        assert_eq!(*part.owner.get_or_insert(self.task), self.task, "part {at} is read by two tasks");
        if let Some(replay) = part.replays.pop_front() {
            return Some(replay);
        }
        if self.world.is_over.load(Relaxed) {
            return None;
        }
        let number = part.next * PARTS as u64 + at as u64;
        part.next += 1;
        part.open.insert(number);
        Some((number, Delivery::first()))
    }
}

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        self.turn += 1;
        let own: Vec<_> = self.own().collect();
        for at in own.iter().cycle().skip(self.turn % own.len().max(1)).take(own.len()) {
            if let Some((number, delivery)) = self.take(*at) {
                out.redeliver(number, delivery).emit(number);
                return Ok(Next::Emitted);
            }
        }
        Ok(if self.world.is_over.load(Relaxed) { Next::End } else { Next::Idle })
    }

    async fn ack(&mut self, number: u64) {
        let mut part = self.world.parts[number as usize % PARTS].lock().unwrap();
        assert!(part.open.remove(&number), "{number} is acked twice");
        part.acked += 1;
    }

    async fn failed(&mut self, number: u64, failure: Failure) {
        let mut part = self.world.parts[number as usize % PARTS].lock().unwrap();
        assert!(part.open.contains(&number), "{number} failed after its ack");
        part.replays.push_back((number, failure.delivery.after(failure.reason)));
    }

    async fn close(&mut self) {
        self.own().for_each(|at| self.world.parts[at].lock().unwrap().owner = None);
    }
}

/// Panics sometimes, and sometimes hangs in an await.
struct Work(Arc<World>);

impl Bolt for Work {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number);
        match self.0.dice(20_000) {
            0 => {
                self.0.hung.fetch_add(1, Relaxed);
                std::future::pending().await
            }
            1..20 => panic!("load: work panics"),
            _ => Ok(()),
        }
    }
}

/// Keeps its thread, a few times.
struct Block(Arc<World>);

impl SyncBolt for Block {
    type In = u64;
    type Out = Emit<u64>;

    fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number);
        if self.0.dice(50_000) == 0 && self.0.looped.fetch_add(1, Relaxed) < LOOPS {
            while !self.0.is_released.load(Relaxed) {
                thread::sleep(ms(5));
            }
        }
        Ok(())
    }
}

/// Counts by key, and tells its world of every step.
struct Count {
    world: Arc<World>,
    instance: u64,
    counts: BTreeMap<u64, u64>,
}

impl Count {
    fn own(&self, keys: &mut Keys, key: u64) {
        let owner = *keys.owners.entry(key).or_insert(self.instance);
        if owner != self.instance {
            keys.wrong = Some(format!("key {key} is in two tasks at once"));
        }
    }
}

impl Bolt for Count {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> Result<()> {
        let key = number % KEYS;
        let mut keys = self.world.keys.lock().unwrap();
        self.own(&mut keys, key);
        *keys.executed.entry(key).or_default() += 1;
        *self.counts.entry(key).or_default() += 1;
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        let mut keys = self.world.keys.lock().unwrap();
        for (key, count) in std::mem::take(&mut self.counts) {
            keys.owners.remove(&key);
            *keys.drained.entry(key).or_default() += count;
        }
        Ok(())
    }
}

impl Handover for Count {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut Shares<(u64, u64)>) {
        let mut keys = self.world.keys.lock().unwrap();
        for (key, count) in std::mem::take(&mut self.counts) {
            keys.owners.remove(&key);
            shares.put(&key, (key, count));
        }
    }

    fn take(&mut self, (key, count): (u64, u64)) {
        let mut keys = self.world.keys.lock().unwrap();
        self.own(&mut keys, key);
        *self.counts.entry(key).or_default() += count;
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let mut keys = self.world.keys.lock().unwrap();
        for (key, count) in std::mem::take(&mut self.counts) {
            keys.owners.remove(&key);
            *keys.lost.entry(key).or_default() += count;
        }
    }
}

const COMPONENTS: [(&str, usize); 4] = [("numbers", 2), ("work", 2), ("block", 2), ("count", 2)];

fn plan(world: &Arc<World>) -> Plan {
    let mut t = TopologyBuilder::new("load");
    let [w0, w1, w2, w3] = [(); 4].map(|()| Arc::clone(world));
    let spout = async move |cx: &TaskContext| {
        Ok(Numbers { world: Arc::clone(&w0), task: cx.task, tasks: cx.tasks, turn: 0 })
    };
    let numbers = t.spout_with("numbers", spout).tasks(2).max_pending(256).message_timeout(s(1)).output();
    let work = t.bolt("work", move || Work(Arc::clone(&w1)));
    let work = work.tasks(2).inbox(256).stuck_after(LIMIT).shuffle(numbers).output();
    let block = t.sync_bolt("block", move || Block(Arc::clone(&w2)));
    let block = block.tasks(2).inbox(256).stuck_after(LIMIT).shuffle(work).output();
    let count = t.stateful_bolt("count", move || Count {
        instance: w3.built.fetch_add(1, Relaxed),
        world: Arc::clone(&w3),
        counts: BTreeMap::new(),
    });
    count.tasks(2).inbox(256).fields_by(block, |number| number % KEYS);
    t.build().expect("the plan is valid")
}

/// What the operator has achieved.
#[derive(Debug, Default)]
struct Changes {
    made: usize,
    rolled_back: usize,
    longest: Duration,
}

/// Doubles and halves every component in turn until the time is over, and once at least.
async fn operate(running: &Running, time: Duration) -> Changes {
    let (start, mut changes) = (Instant::now(), Changes::default());
    let mut round = 0;
    while round < 2 || start.elapsed() < time {
        for (name, tasks) in COMPONENTS {
            let tasks = if round % 2 == 0 { 2 * tasks } else { tasks };
            let began = Instant::now();
            let end = if round % 4 < 2 {
                running.rebalance(name, tasks).await
            } else {
                running.reconfigure(&settings(running, name, tasks)).await
            };
            changes.longest = changes.longest.max(began.elapsed());
            match end {
                Ok(()) => changes.made += 1,
                Err(Refused::TooSlow { .. }) => changes.rolled_back += 1,
                Err(refused) => panic!("{name} to {tasks}: {refused}"),
            }
        }
        round += 1;
    }
    changes
}

/// The settings that hold now, but for one number.
fn settings(running: &Running, name: &str, tasks: usize) -> squall::TopologySettings {
    let now = running.status();
    let lines = now.components.iter().map(|component| {
        let tasks = if component.name == name { tasks } else { component.tasks };
        format!("{}.parallelism = {tasks}\n", component.name)
    });
    let file = format!("[topology.load.component]\n{}", lines.collect::<String>());
    let names = COMPONENTS.map(|(name, _)| name);
    Config::parse("squall.toml", &file).unwrap().topology("load", &names).unwrap()
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{value}`")))
}

#[test]
fn an_operator_changes_everything_under_load_and_nothing_is_lost_or_doubled() {
    let seconds = number("SQUALL_SOAK").unwrap_or(3);
    let seed = number("SQUALL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("seed {seed}, {seconds} s");
    silence_panics();
    let world = Arc::new(World {
        seed,
        parts: Default::default(),
        is_over: AtomicBool::new(false),
        is_released: AtomicBool::new(false),
        executes: AtomicU64::new(0),
        built: AtomicU64::new(0),
        hung: AtomicU64::new(0),
        looped: AtomicU64::new(0),
        keys: Mutex::default(),
    });
    let options = Options::default().leaked_threads(LOOPS as usize);
    let running = Running::start(plan(&world), options).expect("it starts");

    let (report, changes, looks) = thread::scope(|scope| {
        let looking = scope.spawn(|| look(&running, &world));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let killed_at_a_panic = Kill(&running, &world);
        let changes = runtime.block_on(operate(&running, Duration::from_secs(seconds)));
        world.is_over.store(true, Relaxed);
        let report = running.wait_blocking();
        drop(killed_at_a_panic);
        (report.expect("it comes to its end"), changes, looking.join().unwrap())
    });

    println!(
        "{} changes made, {} rolled back, the longest took {:.0?}; {} roots acked, {} failed and replayed; {looks} looks",
        changes.made,
        changes.rolled_back,
        changes.longest,
        report.roots().acked,
        report.roots().failed,
    );
    println!("failed by {:?}; {:?}", report.roots().failed_by, report.status.leaked_threads);
    judge(&report, &world, &changes);
}

/// Looks until the topology is over.
fn look(running: &Running, world: &World) -> u64 {
    let mut looks = 0;
    loop {
        let status = running.status();
        assert_counts(&status);
        looks += 1;
        if matches!(status.state, squall::TopologyState::Ended | squall::TopologyState::Failed) {
            return looks;
        }
        let wrong = world.keys.lock().unwrap().wrong.clone();
        assert_eq!(wrong, None);
        thread::sleep(ms(1));
    }
}

fn judge(report: &Report, world: &World, changes: &Changes) {
    assert_counts(&report.status);
    assert!(changes.made >= 2 * COMPONENTS.len() - changes.rolled_back && changes.made > changes.rolled_back);
    let mut acked = 0;
    for part in &world.parts {
        let part = part.lock().unwrap();
        assert!(part.open.is_empty(), "without an ack: {:?}", part.open);
        assert_eq!(part.acked, part.next);
        acked += part.acked;
    }
    assert_eq!((report.roots().acked, report.roots().pending), (acked, 0));
    let keys = world.keys.lock().unwrap();
    assert_eq!(keys.wrong, None);
    assert_eq!(keys.drained, keys.executed, "what was counted is known at the end; lost: {:?}", keys.lost);
    let stuck = |name| report.component(name).unwrap().stuck;
    assert_eq!(stuck("work"), world.hung.load(Relaxed), "every await without end is named");
    assert_eq!(stuck("block"), world.looped.load(Relaxed).min(LOOPS), "every kept thread is named");
    assert_eq!(report.status.leaked_threads.count as u64, stuck("block"));
}

/// Lets everything end when something is found wrong, and the loops in any case.
struct Kill<'a>(&'a Running, &'a World);

impl Drop for Kill<'_> {
    fn drop(&mut self) {
        self.1.is_released.store(true, Relaxed);
        if thread::panicking() {
            self.0.kill();
        }
    }
}

/// Thousands of messages about panics that are meant would hide all others.
fn silence_panics() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload_as_str().is_some_and(|text| text.starts_with("load: ")) {
            tell(info);
        }
    }));
}
