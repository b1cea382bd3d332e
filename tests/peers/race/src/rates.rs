//! Latency at a fixed rate.

use crate::{
    Result,
    child::Child,
    contestant::{Contestant, Runner, Tracking},
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
    let mut starters: Vec<(Child, Vec<RateSeries>)> = Vec::new();
    for contestant in contestants(tuned)? {
        eprintln!("{CASE}: {} starts", contestant.name());
        let mut child = contestant.start(CASE, places)?;
        if contestant.warms_up() {
            let others = starters.iter().map(|(other, _)| other);
            child.warm_up(times.warm_up_s, others, |child, span| {
                child.rate(fastest, span, settle).map(drop)
            })?;
        }
        let series =
            |&per_second| RateSeries { per_second, contestant: contestant.clone(), runs: Vec::new() };
        let series: Vec<RateSeries> = plan.rates.iter().map(series).collect();
        starters.push((child, series));
    }
    for repetition in 0..times.repetitions {
        starters.rotate_left(usize::from(repetition > 0));
        for at in 0..plan.rates.len() {
            for (child, series) in &mut starters {
                let Some(series) = series.get_mut(at) else { continue };
                let run = child.rate(series.per_second, settle, measured)?;
                series.runs.push(run);
                let name = series.contestant.name();
                eprintln!("{CASE}: {name}: {}/s: p99 {:.0} µs", series.per_second, run.p99_us);
            }
        }
    }
    let mut all: Vec<RateSeries> = starters.into_iter().flat_map(|(_, series)| series).collect();
    all.sort_by_key(|series| series.per_second);
    Ok(all)
}

fn contestants(tuned: &Tuned) -> Result<Vec<Contestant>> {
    Ok(vec![
        Contestant::storm(Runner::StormShipped, true, Setup::shipped()),
        Contestant::storm(Runner::StormTuned, true, tuned.of(CASE, true)?),
        Contestant::native(Runner::Squall, Tracking::Tuple),
    ])
}
