//! One case: fill the store, wait for the instant, watch.

use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use squall::{Options as RunOptions, RetryPolicy, Running};
use squall_connect::sql::Options as Database;
use squall_scheduled_messages::{
    Allowance, Destination, Destinations, Flow, NewMessage, Parts, Store, Tally, Webhook, plan,
};
use tokio::runtime::{Builder, Runtime};

use super::{
    Kind, Options, Row,
    receiver::Receiver,
    sink::{Noop, Notes},
};
use crate::{Error, row::rounded, usage};

/// Lone messages in one case, and the time between two of them.
const LONE: usize = 500;
const APART: Duration = Duration::from_millis(20);

/// Messages stored at once.
const BATCH: usize = 1_000;

/// How long nothing happens before the instant: the topology starts, and idles.
const IDLE: Duration = Duration::from_secs(9);

/// How many messages are stored per second at least, so that all are before the instant.
const SLOWEST: f64 = 2_000.0;

/// The name of the destination, and what every message says.
const DESTINATION: &str = "bench";
const TEXT: &str = "The quick brown fox jumps over the lazy dog, and over it again.";

/// How long the last message may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// The accounts that share the messages.
const ACCOUNTS: usize = 100;

/// A store, and the messages in it that are due much later.
pub(super) struct Bench {
    runtime: Runtime,
    store: Store,
    name: &'static str,
    later: usize,
    /// The SQLite file, if that is it; gone at the end.
    _folder: tempfile::TempDir,
}

/// What one case has to do.
struct Work {
    messages: usize,
    /// The first instant.
    due_at: Timestamp,
    /// Between an instant and the next.
    apart: Duration,
    stored_per_s: f64,
}

impl Bench {
    /// Opens the store, and fills it with what is due later.
    pub(super) fn open(options: &Options) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let folder = tempfile::tempdir()?;
        let (name, database) = match options.database.as_slice() {
            [] => ("sqlite", Database::file(folder.path().join("messages.sqlite3"))),
            [first, ..] => {
                let name = if first.starts_with("postgres") { "postgres" } else { "mysql" };
                (name, Database::servers(&options.database)?)
            }
        };
        let store = runtime.block_on(Store::open(database))?;
        store.keep_alive()?;
        let bench = Self { runtime, store, name, later: options.later, _folder: folder };
        let year = Duration::from_secs(365 * 24 * 3600);
        bench.fill(bench.later, bench.store.now() + year, Duration::from_millis(1))?;
        Ok(bench)
    }

    /// Stores messages; returns how many were stored per second.
    fn fill(&self, messages: usize, due_at: Timestamp, apart: Duration) -> Result<f64, Error> {
        let begun = Instant::now();
        for from in (0..messages).step_by(BATCH) {
            let to = messages.min(from + BATCH);
            let batch = (from..to).map(|n| {
                let at = due_at + apart.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
                (NewMessage::new(format!("account-{}", n % ACCOUNTS), DESTINATION, TEXT, at), None)
            });
            self.runtime.block_on(self.store.insert_all(batch.collect(), "bench"))?;
        }
        Ok(messages as f64 / begun.elapsed().as_secs_f64())
    }

    /// One case.
    pub(super) fn measure(&self, kind: Kind, due: usize) -> Result<Row, Error> {
        let work = self.prepare(due)?;
        let (notes, arrivals) = Notes::new();
        let receiver = match kind {
            Kind::Noop => None,
            Kind::Webhook => Some(Receiver::start(notes.clone())?),
        };
        let running = self.start(receiver.as_ref(), &notes)?;
        let idle = self.idle(work.due_at);
        let (statements, cpu) = (self.store.statements(), usage::cpu()?);
        self.wait(&notes, &work)?;
        let statements = self.store.statements() - statements;
        let cpu = usage::cpu()?.saturating_sub(cpu);
        running.drain(PATIENCE);
        self.runtime.block_on(running.wait())?;
        let lateness: Vec<i64> = arrivals.try_iter().collect();
        if lateness.len() != work.messages {
            let message = format!("{} messages were due and {} arrived", work.messages, lateness.len());
            return Err(io::Error::other(message).into());
        }
        Ok(self.row(kind, due, &work, &lateness, statements, cpu, idle))
    }

    /// Stores what is due, at an instant that is far enough away to be done by then.
    fn prepare(&self, due: usize) -> Result<Work, Error> {
        let (messages, apart) = if due == 1 { (LONE, APART) } else { (due, Duration::ZERO) };
        let reserve = Duration::from_secs_f64(messages as f64 / SLOWEST);
        let due_at = self.store.now() + reserve + IDLE;
        let stored_per_s = self.fill(messages, due_at, apart)?;
        if self.store.now() + IDLE > due_at {
            let message = format!("fewer than {SLOWEST} messages are stored per second: too slow to measure");
            return Err(io::Error::other(message).into());
        }
        Ok(Work { messages, due_at, apart, stored_per_s })
    }

    fn start(&self, receiver: Option<&Receiver>, notes: &Notes) -> Result<Running, Error> {
        let destination: Box<dyn Destination> = match receiver {
            Some(receiver) => Box::new(Webhook::new(receiver.url.as_str()).map_err(io::Error::other)?),
            None => Box::new(Noop { notes: Some(notes.clone()) }),
        };
        let destinations =
            Destinations::new(BTreeMap::from([(DESTINATION.to_owned(), destination)]), "http://[::1]")
                .map_err(|_| {
                    io::Error::other("the destination of the benchmark has the name of a built-in one")
                })?;
        let tally = Tally::new().map_err(io::Error::other)?;
        let allowances =
            destinations.limits().map(|(name, limits)| (name.to_owned(), Allowance::from(limits)));
        let flow = Flow::new(allowances, &tally);
        let parts = Parts { store: self.store.clone(), destinations, retry: RetryPolicy::default(), flow };
        Ok(Running::start(plan(Some(parts))?, RunOptions::default())?)
    }

    /// Waits until shortly before the first claim, and counts the statements of the last seconds.
    fn idle(&self, due_at: Timestamp) -> f64 {
        let until = due_at - Duration::from_secs(3);
        // The topology looks for what it may have held before, once.
        std::thread::sleep(Duration::from_millis(500));
        let (from, begun) = (self.store.statements(), Instant::now());
        std::thread::sleep(Duration::try_from(until.duration_since(self.store.now())).unwrap_or_default());
        (self.store.statements() - from) as f64 / begun.elapsed().as_secs_f64()
    }

    /// Waits until every message has arrived.
    fn wait(&self, notes: &Notes, work: &Work) -> Result<(), Error> {
        let begun = Instant::now();
        while notes.count() < work.messages {
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::other(format!(
                    "after {PATIENCE:?} {} messages had arrived",
                    notes.count()
                ))
                .into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "each is a measurement")]
    fn row(
        &self,
        kind: Kind,
        due: usize,
        work: &Work,
        lateness: &[i64],
        statements: u64,
        cpu: Duration,
        idle: f64,
    ) -> Row {
        let mut sorted = lateness.to_vec();
        sorted.sort_unstable();
        let at = |quantile: f64| {
            let place = (sorted.len() as f64 * quantile).ceil() as usize;
            let late = sorted.get(place.saturating_sub(1)).copied().unwrap_or_default();
            rounded(late as f64 / 1000.0)
        };
        let per_s = work.apart.is_zero().then(|| rounded(work.messages as f64 / (at(1.0) / 1000.0)));
        let per_message = |total: f64| rounded(total / work.messages as f64);
        Row {
            store: self.name,
            destination: kind.name(),
            due,
            later: self.later,
            per_s,
            lateness_p50_ms: at(0.5),
            lateness_p99_ms: at(0.99),
            lateness_max_ms: at(1.0),
            statements_per_message: per_message(statements as f64),
            stored_per_s: rounded(work.stored_per_s),
            cpu_us_per_message: per_message(cpu.as_micros() as f64),
            idle_statements_per_s: rounded(idle),
        }
    }
}
