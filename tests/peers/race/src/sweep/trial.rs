//! One setup, tried once.

use crate::{
    Result,
    contestant::{Contestant, Runner},
    places::Places,
    plan::seconds,
    rates::CASE as LATENCY,
    storm::Setup,
};

const WARM_UP_S: f64 = 8.0;
const MEASURED_S: f64 = 3.0;

/// The rate at which latency is tuned.
const RATE: u64 = 10_000;

/// How well a setup does: tuples per second, or for latencies, how short they are. More is better.
pub(super) fn score(case: &str, is_tracked: bool, setup: &Setup, places: &Places) -> Result<f64> {
    let contestant = Contestant::storm(Runner::StormTuned, is_tracked, setup.clone());
    let mut child = contestant.start(case, places)?;
    let (score, said) = if case == LATENCY {
        let rate = child.rate(RATE, seconds(WARM_UP_S), seconds(MEASURED_S))?;
        (-rate.p99_us, format!("p99 {:.0} µs", rate.p99_us))
    } else {
        let flow = child.flow(seconds(WARM_UP_S), seconds(MEASURED_S))?;
        let done = if is_tracked { flow.acked } else { flow.tuples };
        let per_second = done as f64 / flow.seconds;
        (per_second, format!("{per_second:.0}/s"))
    };
    println!("{case}, {} acker: {said} with {}", u8::from(is_tracked), setup.describe());
    Ok(score)
}
