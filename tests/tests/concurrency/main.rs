//! Calls side by side: `ConcurrentBolt` and what can be declared of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the message")]

mod build;
mod changes;
mod drain;
mod keys;
mod limits;
mod order;
mod panics;
mod races;
mod retries;
mod streams;
mod threads;
mod timeouts;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use squall::prelude::*;
use tokio::time::{Instant, sleep};

/// What one attempt of a call does, after it has emitted its tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Answers `Ok` after this time.
    Pass(Duration),
    /// Answers a retryable error after this time.
    Fail(Duration),
    /// Answers a permanent error.
    Refuse,
    /// Panics after this time.
    Panic(Duration),
    /// Never answers.
    Hang,
    /// Never answers, and panics when it is dropped.
    Bomb,
}

/// An attempt that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begun {
    value: u64,
    at: Duration,
    /// The number of the bolt that makes it, from 1.
    bolt: usize,
}

/// The handle of a concurrent bolt that does as it is told, and of what it has seen.
#[derive(Clone)]
struct Calls(Arc<Shared>);

struct Shared {
    log: Mutex<Log>,
    act: Box<dyn Fn(u64, u32) -> Act + Send + Sync>,
    began: Instant,
}

#[derive(Default)]
struct Log {
    begun: Vec<Begun>,
    attempts: HashMap<u64, u32>,
    under_way: usize,
    most: usize,
    built: usize,
    /// What became of whom, in order: answered values, `tick`, `drain`.
    said: Vec<String>,
}

impl Calls {
    /// Does for a value, at its n-th attempt from 1, what `act` says.
    fn acting(act: impl Fn(u64, u32) -> Act + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { log: Mutex::default(), act: Box::new(act), began: Instant::now() }))
    }

    fn bolts(&self) -> impl Fn() -> CallingBolt + Send + Sync + 'static {
        let calls = self.clone();
        move || {
            let mut log = calls.log();
            log.built += 1;
            CallingBolt { number: log.built, calls: calls.clone() }
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap()
    }

    fn begun(&self) -> Vec<Begun> {
        self.log().begun.clone()
    }

    /// When the attempts for this value began.
    fn attempts(&self, value: u64) -> Vec<Duration> {
        self.begun().iter().filter(|begun| begun.value == value).map(|begun| begun.at).collect()
    }

    /// The most attempts that were under way at once.
    fn most(&self) -> usize {
        self.log().most
    }

    fn said(&self) -> Vec<String> {
        self.log().said.clone()
    }

    fn begin(&self, value: u64, bolt: usize) -> (Act, UnderWay) {
        let mut log = self.log();
        let attempt = log.attempts.entry(value).or_default();
        *attempt += 1;
        let attempt = *attempt;
        log.begun.push(Begun { value, at: self.0.began.elapsed(), bolt });
        log.under_way += 1;
        log.most = log.most.max(log.under_way);
        drop(log);
        ((self.0.act)(value, attempt), UnderWay(self.clone()))
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

struct UnderWay(Calls);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.log().under_way -= 1;
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped as told");
    }
}

struct CallingBolt {
    number: usize,
    calls: Calls,
}

impl ConcurrentBolt for CallingBolt {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, value: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        let (act, under_way) = self.calls.begin(value, self.number);
        out.emit(value);
        // Goes before the bomb, which would poison the log.
        let _under_way = under_way;
        match act {
            Act::Pass(time) => sleep(time).await,
            Act::Fail(time) => {
                sleep(time).await;
                return Err(Error::retryable("failed as told"));
            }
            Act::Refuse => return Err(Error::permanent("refused as told")),
            Act::Panic(time) => {
                sleep(time).await;
                panic!("panicked as told");
            }
            Act::Hang => std::future::pending().await,
            Act::Bomb => {
                let _bomb = Bomb;
                std::future::pending().await
            }
        }
        self.calls.log().said.push(value.to_string());
        Ok(())
    }

    async fn tick(&self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.calls.log().said.push("tick".to_owned());
        out.emit(1000);
        Ok(())
    }

    async fn drain(&self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.calls.log().said.push("drain".to_owned());
        out.emit(2000);
        Ok(())
    }
}

/// A topology of numbers, a calling bolt and a capture of what it emits.
macro_rules! calling {
    ($feeder:expr, $calls:expr, |$declarer:ident, $numbers:ident| $declare:expr) => {{
        let mut t = TopologyBuilder::new("calls");
        let $numbers = t.spout("numbers", $feeder.spouts()).output();
        let $declarer = t.concurrent_bolt("calls", $calls.bolts());
        let answered = $declare.output();
        let capture = squall_testkit::Capture::of(&mut t, answered);
        (t, capture)
    }};
}
use calling;
