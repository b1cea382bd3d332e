//! What a rebalance costs those who wait: the latency of the second in which a keyed, stateful bolt gets other
//! tasks twice, at half of the load that the topology can bear.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use squall::{Handover, Plan, Running, Shares, TopologyBuilder, prelude::*};
use tokio::time::sleep_until;

use crate::{
    Error, Row,
    case::Tracking,
    engine::{self, MAX_PENDING},
    latency::{Latencies, Schedule, Scheduled, Sink, histogram},
    row::rounded,
};

/// Different keys.
const KEYS: u64 = 1_000;
const FEW: usize = 2;
const MANY: usize = 8;

/// Measures one second with two rebalances in it, `FEW` to `MANY` and back.
pub(crate) fn measure(case: &'static str, warm_up: Duration, second: Duration) -> Result<Row, Error> {
    // All due at once: it takes as long as it takes.
    let flood = Duration::from_millis(200).min(second);
    let full = Schedule { origin: Instant::now(), rate: 5_000_000, warm_up: Duration::ZERO, measured: flood };
    let latencies: Latencies = Arc::new(Mutex::new(histogram()));
    engine::run_to_the_end(plan(full, &latencies)?)?;
    let capacity = full.len() as f64 / full.origin.elapsed().as_secs_f64();

    let rate = (capacity / 2.0) as u64;
    let half = Schedule { origin: Instant::now(), rate, warm_up, measured: second };
    let latencies: Latencies = Arc::new(Mutex::new(histogram()));
    let running = engine::start(plan(half, &latencies)?)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?
        .block_on(there_and_back(&running, half))?;
    running.wait_blocking()?;
    let latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner);
    let quantile = |at: f64| Some(rounded(latencies.value_at_quantile(at) as f64 / 1e3));
    Ok(Row {
        p50_us: quantile(0.5),
        p99_us: quantile(0.99),
        p999_us: quantile(0.999),
        rate: Some(rate),
        ..Row::new(case, Tracking::Tuple)
    })
}

async fn there_and_back(running: &Running, schedule: Schedule) -> Result<(), Error> {
    let begin = schedule.origin + schedule.warm_up;
    for (at, tasks) in [(begin, MANY), (begin + schedule.measured / 2, FEW)] {
        sleep_until(at.into()).await;
        running.rebalance("keyed", tasks).await?;
    }
    Ok(())
}

fn plan(schedule: Schedule, latencies: &Latencies) -> Result<Plan, Error> {
    let mut t = TopologyBuilder::new("rebalance");
    let due = t.spout("scheduled", move || Scheduled::new(schedule)).max_pending(MAX_PENDING).output();
    let keyed = t.stateful_bolt("keyed", Keyed::default).tasks(FEW).fields_by(due, key).output();
    let latencies = Arc::clone(latencies);
    t.bolt("sink", move || Sink::new(schedule, Arc::clone(&latencies))).shuffle(keyed);
    Ok(t.build()?)
}

fn key(due: &u64) -> u64 {
    due % KEYS
}

/// Counts by key and passes on.
#[derive(Debug, Default)]
struct Keyed(HashMap<u64, u64>);

impl Bolt for Keyed {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, due: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        *self.0.entry(key(&due)).or_default() += 1;
        out.emit(due);
        Ok(())
    }
}

impl Handover for Keyed {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut Shares<(u64, u64)>) {
        self.0.drain().for_each(|(key, count)| shares.put(&key, (key, count)));
    }

    fn take(&mut self, (key, count): (u64, u64)) {
        *self.0.entry(key).or_default() += count;
    }
}
