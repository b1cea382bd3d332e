//! From Kafka to Kafka with one worker, as fast as it can.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    config,
    options::LoadOptions,
    outcome,
    producer::preload,
    run::{Scene, verdict},
    sample::sum,
    topics::Topics,
    worker::Worker,
};
use crate::{
    Error,
    enrich::{row::Row, wrong},
    usage,
};

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A worker that has not written anything by then never will.
const PATIENCE: Duration = Duration::from_secs(300);

/// Sends `count` records, and then lets a worker loose on them. The broker works on the same processors.
pub(in crate::enrich) fn measure(options: &LoadOptions, brokers: &str, count: u64) -> Result<Row, Error> {
    let seed = options.seed.unwrap_or(1);
    let Scene { home, input, people, topics } = Scene::open(seed, brokers)?;
    preload(&input, &topics, count)?;
    let mut worker =
        Worker::start(home.path(), "worker", &config::worker(&topics, &people, None, Some("worker")))?;
    let run = watch(&topics, &mut worker, count)?;
    worker.leave(PATIENCE)?;
    let verdict = verdict(&input, &topics, count, &[])?;
    if verdict.lost + verdict.wrong + verdict.doubled > 0 {
        return Err(wrong(format!("not everything came out once: {verdict:?}")));
    }
    Ok(Row {
        source: "kafka",
        sink: "kafka",
        activities_per_s: Some(outcome::tenths(run.per_s)),
        cpu_s_per_million: Some(run.cpu_s / count as f64 * 1e6),
        rss_mib: Some(run.resident as f64 / f64::from(1 << 20)),
        ..Row::new("kafka")
    })
}

/// What was seen of a run.
struct Watched {
    /// From the last look at which nothing was written.
    per_s: f64,
    /// Of the worker.
    cpu_s: f64,
    resident: u64,
}

/// Looks on until everything is done.
fn watch(topics: &Topics, worker: &mut Worker, count: u64) -> Result<Watched, Error> {
    let until = Instant::now() + PATIENCE;
    let (mut begin, mut resident) = (Instant::now(), 0);
    loop {
        let written = sum(&topics.ends(&topics.output)?) + sum(&topics.ends(&topics.dead)?);
        let now = Instant::now();
        let pid = worker.seen().ok_or_else(|| worker.wrong("does not run"))?.pid.to_string();
        if worker.ended()?.is_some() || now > until {
            return Err(worker.wrong(&format!("has written {written} of {count} records, and no more")));
        }
        resident = usage::resident_of(&pid)?.max(resident);
        if written == 0 {
            begin = now;
        }
        if written >= count {
            let per_s = written as f64 / (now - begin).as_secs_f64();
            return Ok(Watched { per_s, cpu_s: usage::cpu_of(&pid)?.as_secs_f64(), resident });
        }
        thread::sleep(LOOK);
    }
}
