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
    let mut limits = Vec::new();
    let mut engines = Vec::new();
    let mut cpu = Duration::ZERO;
    let mut tuples = 0;
    for _ in 0..options.repetitions() {
        let limit = limit::run(shape, tracking, &load);
        let cpu_before = usage::cpu()?;
        let engine = engine::run(shape, tracking, &load)?;
        cpu += usage::cpu()?.saturating_sub(cpu_before);
        tuples += engine.tuples;
        limits.push(limit.tuples_per_s());
        engines.push(engine.tuples_per_s());
        compare(shape, tracking, engine, limit)?;
    }
    let (engine, limit) = (median(engines), median(limits));
    Ok(Row {
        tuples_per_s: engine.map(rounded),
        limit_tuples_per_s: limit.map(rounded),
        ratio: engine.zip(limit).map(|(engine, limit)| rounded(engine / limit)),
        cpu_s_per_million: Some(rounded(cpu.as_secs_f64() / (tuples as f64 / 1e6))),
        ..Row::new(shape.name(), tracking)
    })
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
