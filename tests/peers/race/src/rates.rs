//! Latency at a fixed rate.

use crate::{
    Result,
    contestant::{Contestant, Runner, Tracking},
    field::Field,
    places::Places,
    plan::{Plan, seconds},
    record::RateSeries,
    storm::{Setup, Tuned},
};

/// What the peers call the case.
pub(crate) const CASE: &str = "latency";

/// Runs everybody at every rate, in turn.
pub(crate) fn race(plan: &Plan, places: &Places, tuned: &Tuned) -> Result<Vec<RateSeries>> {
    let times = plan.times;
    let (settle, measured) = (seconds(times.settle_s), seconds(times.rate_measured_s));
    let fastest = plan.rates.iter().copied().max().unwrap_or_default();
    let series = |contestant: Contestant| -> Vec<RateSeries> {
        let at = |&per_second| RateSeries { per_second, contestant: contestant.clone(), runs: Vec::new() };
        plan.rates.iter().map(at).collect()
    };
    let mut field = Field::start(CASE, contestants(tuned)?, places, series)?;
    let warms_up = |series: &Vec<RateSeries>| series.iter().any(|series| series.contestant.warms_up());
    field
        .warm_up(&times, warms_up, |child, span_s| child.rate(fastest, seconds(span_s), settle).map(drop))?;
    for _ in 0..times.repetitions {
        for at in 0..plan.rates.len() {
            field.turn(|child, series| {
                let Some(series) = series.get_mut(at) else { return Ok(()) };
                let run = child.rate(series.per_second, settle, measured)?;
                series.runs.push(run);
                let name = series.contestant.name();
                eprintln!("{CASE}: {name}: {}/s: p99 {:.0} µs", series.per_second, run.p99_us);
                Ok(())
            })?;
        }
        field.rotate();
    }
    let mut all: Vec<RateSeries> = field.into_series().flatten().collect();
    all.sort_by_key(|series| (series.per_second, series.contestant.name()));
    Ok(all)
}

fn contestants(tuned: &Tuned) -> Result<Vec<Contestant>> {
    Ok(vec![
        Contestant::storm(Runner::StormShipped, true, Setup::shipped()),
        Contestant::storm(Runner::StormTuned, true, tuned.of(CASE, true)?),
        Contestant::native(Runner::Squall, Tracking::Tuple),
    ])
}
