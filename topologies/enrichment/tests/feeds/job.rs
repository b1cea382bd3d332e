//! Topologies of tests, and what they saw.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use squall::prelude::*;
use squall::{Options, RetryPolicy, Running};
use squall_connect::ndjson::Line;
use squall_enrichment::{EventId, FeedSpout, Incoming};

/// Beyond this a test hangs.
const HANGS: Duration = Duration::from_secs(60);

/// How often each event was done, for whoever waits for it.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<(Mutex<BTreeMap<String, u64>>, Condvar)>);

impl Seen {
    fn add(&self, line: &Line) {
        let id = EventId::of(line.text()).unwrap().to_string();
        *self.0.0.lock().unwrap().entry(id).or_default() += 1;
        self.0.1.notify_all();
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.0.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn times(&self) -> u64 {
        self.0.0.lock().unwrap().values().sum()
    }

    pub(crate) fn wait_for_all(&self, ids: &[String]) {
        let mut seen = self.0.0.lock().unwrap();
        let begin = Instant::now();
        while !ids.iter().all(|id| seen.contains_key(id)) {
            assert!(begin.elapsed() < HANGS, "the events do not come; there are {}", seen.len());
            seen = self.0.1.wait_timeout(seen, Duration::from_secs(1)).unwrap().0;
        }
    }

    pub(crate) fn wait_for(&self, count: usize) {
        let mut seen = self.0.0.lock().unwrap();
        let begin = Instant::now();
        while seen.len() < count {
            assert!(begin.elapsed() < HANGS, "{count} events do not come; there are {}", seen.len());
            seen = self.0.1.wait_timeout(seen, Duration::from_secs(1)).unwrap().0;
        }
    }
}

/// What the bolt does with the event that comes as the so-many-th.
pub(crate) type Acting = Arc<dyn Fn(&Line) -> Result<()> + Send + Sync>;

struct Work {
    acting: Acting,
    seen: Seen,
}

impl Bolt for Work {
    type In = Line;
    type Out = ();

    async fn execute(&mut self, line: Line, _: &mut Output<()>) -> Result<()> {
        (self.acting)(&line)?;
        self.seen.add(&line);
        Ok(())
    }
}

/// Starts a topology that reads a feed; an event that fails is emitted again, for ever.
pub(crate) fn start<F: Incoming>(
    spout: impl Fn(&TaskContext) -> Result<FeedSpout<F>> + Clone + Send + Sync + 'static,
    seen: &Seen,
    acting: Acting,
) -> Running {
    let policy = RetryPolicy {
        attempts: u32::MAX,
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
    };
    let mut t = TopologyBuilder::new("feed");
    let (lines, _) = t
        .spout_with("in", async move |context: &TaskContext| spout(context))
        .max_pending(64)
        .replay(policy)
        .output();
    let seen = seen.clone();
    t.bolt("work", move || Work { acting: Arc::clone(&acting), seen: seen.clone() }).tasks(3).shuffle(lines);
    Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap()
}

/// Does each event at some attempt.
pub(crate) fn at_random(seed: u64) -> Acting {
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    Arc::new(move |_| match random.lock().unwrap().u8(..) {
        0..20 => Err(Error::retryable("not now")),
        _ => Ok(()),
    })
}

pub(crate) fn drain(running: &Running) {
    running.drain(Duration::from_secs(20));
    running.wait_blocking().unwrap();
}

/// Waits for something that nobody signals.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < HANGS, "{what} does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}
