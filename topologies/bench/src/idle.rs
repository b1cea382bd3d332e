//! What a topology costs that has nothing to do.

use std::{
    thread,
    time::{Duration, Instant},
};

use squall::prelude::*;

use crate::{
    Error, Row,
    case::Tracking,
    engine::{self, Identity},
    row::rounded,
    usage,
};

/// How long threads and runtimes may take to come to rest.
const SETTLE: Duration = Duration::from_millis(300);

/// Measures the processor time of a running topology whose spout is asked again and again and has nothing.
pub(crate) fn measure(case: &'static str, time: Duration) -> Result<Row, Error> {
    let mut t = TopologyBuilder::new("idle");
    let nothing = t.spout("nothing", || Nothing).output();
    let ids = t.bolt("id", || Identity).shuffle(nothing).output();
    t.bolt("null", || Ignore).shuffle(ids);
    let running = engine::start(t.build()?)?;
    thread::sleep(SETTLE);
    let (began, cpu_before) = (Instant::now(), usage::cpu()?);
    thread::sleep(time);
    let cpu = usage::cpu()?.saturating_sub(cpu_before);
    let cores = cpu.as_secs_f64() / began.elapsed().as_secs_f64();
    running.kill();
    running.wait_blocking()?;
    Ok(Row { cores: Some(rounded(cores)), ..Row::new(case, Tracking::None) })
}

/// Has nothing, and says so instead of awaiting: the dearer way of being idle.
#[derive(Debug)]
struct Nothing;

impl Spout for Nothing {
    type Id = ();
    type Out = Emit<u64>;

    async fn next(&mut self, _out: &mut SpoutOutput<Emit<u64>, ()>) -> Result<Next> {
        Ok(Next::Idle)
    }
}

#[derive(Debug)]
struct Ignore;

impl Bolt for Ignore {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _value: u64, _out: &mut Output<()>) -> Result<()> {
        Ok(())
    }
}
