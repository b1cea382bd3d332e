//! What a topology holds whose last bolt never returns.

use std::{future, thread, time::Duration};

use squall::prelude::*;

use crate::{
    Error, Row,
    case::Tracking,
    engine::{self, MAX_PENDING},
    row::rounded,
    usage,
};

/// Bytes in a tuple: enough that a queue without a bound would show within a second.
const TUPLE: usize = 1_024;

/// How often the memory is read.
const LOOKS: u32 = 20;

/// Measures how much memory grows after `fill`, for `time`, while a spout emits as fast as it may into a bolt that
/// never returns; what times out is replayed.
pub(crate) fn measure(case: &'static str, fill: Duration, time: Duration) -> Result<Row, Error> {
    let mut t = TopologyBuilder::new("stalled");
    let tuples = t.spout("eager", Eager::default).max_pending(MAX_PENDING).output();
    let passed = t.bolt("pass", || Pass).shuffle(tuples).output();
    t.bolt("stalled", || Stalled).shuffle(passed);
    let running = engine::start(t.build()?)?;
    thread::sleep(fill);
    let before = usage::resident()?;
    let mut most = before;
    for _ in 0..LOOKS {
        thread::sleep(time / LOOKS);
        most = most.max(usage::resident()?);
    }
    running.kill();
    running.wait_blocking()?;
    let growth = (most - before) as f64 / f64::from(1 << 20);
    Ok(Row { growth_mib: Some(rounded(growth)), ..Row::new(case, Tracking::Tuple) })
}

#[derive(Debug, Default)]
struct Eager {
    next_id: u64,
    failed: Vec<u64>,
}

impl Spout for Eager {
    type Id = u64;
    type Out = Emit<String>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<String>, u64>) -> Result<Next> {
        for _ in 0..out.room().min(256) {
            let id = self.failed.pop().unwrap_or_else(|| {
                self.next_id += 1;
                self.next_id
            });
            out.track(id).emit("x".repeat(TUPLE));
        }
        Ok(Next::Emitted)
    }

    async fn fail(&mut self, id: u64, why: Reason) {
        if why != Reason::Shutdown {
            self.failed.push(id);
        }
    }
}

#[derive(Debug)]
struct Pass;

impl Bolt for Pass {
    type In = String;
    type Out = Emit<String>;

    async fn execute(&mut self, tuple: String, out: &mut Output<Emit<String>>) -> Result<()> {
        out.emit(tuple);
        Ok(())
    }
}

#[derive(Debug)]
struct Stalled;

impl Bolt for Stalled {
    type In = String;
    type Out = ();

    async fn execute(&mut self, _tuple: String, _out: &mut Output<()>) -> Result<()> {
        future::pending().await
    }
}
