//! The engine beside its limit.

use std::time::Duration;

use crate::{
    Error, Row,
    case::{Load, Outcome, Shape, Tracking},
    engine, limit,
    options::Options,
    row::{median, rounded},
    usage,
};

/// Measures one shape under one tracking: both sides in turn, the median of each.
pub(crate) fn measure(
    shape: Shape,
    tracking: Tracking,
    options: &Options,
    load: &Load,
) -> Result<Row, Error> {
    let load = if options.quick { load.clone() } else { calibrate(shape, tracking, options, load) };
    warm_up(shape, tracking, &load)?;
    let mut limits = Side::default();
    let mut engines = Side::default();
    for _ in 0..options.repetitions() {
        let limit = limits.measure(|| Ok(limit::run(shape, tracking, &load)))?;
        let engine = engines.measure(|| engine::run(shape, tracking, &load))?;
        compare(shape, tracking, engine, limit)?;
    }
    let (limit_cpu, engine_cpu) = (limits.cpu_s_per_million(), engines.cpu_s_per_million());
    let (limit, engine) = (median(limits.tuples_per_s), median(engines.tuples_per_s));
    Ok(Row {
        tuples_per_s: engine.map(rounded),
        limit_tuples_per_s: limit.map(rounded),
        ratio: engine.zip(limit).map(|(engine, limit)| rounded(engine / limit)),
        cpu_s_per_million: Some(engine_cpu),
        limit_cpu_s_per_million: Some(limit_cpu),
        ..Row::new(shape.name(), tracking)
    })
}

/// The repetitions of one side.
#[derive(Debug, Default)]
struct Side {
    tuples_per_s: Vec<f64>,
    tuples: u64,
    cpu: Duration,
}

impl Side {
    fn measure(&mut self, run: impl FnOnce() -> Result<Outcome, Error>) -> Result<Outcome, Error> {
        let cpu_before = usage::cpu()?;
        let outcome = run()?;
        self.cpu += usage::cpu()?.saturating_sub(cpu_before);
        self.tuples += outcome.tuples;
        self.tuples_per_s.push(outcome.tuples_per_s());
        Ok(outcome)
    }

    fn cpu_s_per_million(&self) -> f64 {
        rounded(self.cpu.as_secs_f64() / (self.tuples as f64 / 1e6))
    }
}

/// Finds how much work keeps the limit busy for the time of one repetition.
fn calibrate(shape: Shape, tracking: Tracking, options: &Options, load: &Load) -> Load {
    let mut load = load.clone();
    loop {
        let outcome = limit::run(shape, tracking, &load);
        let share = outcome.elapsed.as_secs_f64() / options.seconds;
        if share >= 0.25 {
            load.emissions = (load.emissions as f64 / share) as u64;
            return load;
        }
        load.emissions *= 2;
    }
}

fn warm_up(shape: Shape, tracking: Tracking, load: &Load) -> Result<(), Error> {
    let load = Load { emissions: load.emissions.div_ceil(4), ..load.clone() };
    limit::run(shape, tracking, &load);
    engine::run(shape, tracking, &load)?;
    Ok(())
}

fn compare(shape: Shape, tracking: Tracking, engine: Outcome, limit: Outcome) -> Result<(), Error> {
    if engine.agrees_with(&limit) {
        return Ok(());
    }
    Err(Error::Disagreement { case: shape.name(), tracking: tracking.name(), engine, limit })
}
