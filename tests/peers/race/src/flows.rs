//! The cases without a fixed rate.

use squall_bench::Text;

use crate::{
    Result,
    child::Child,
    contestant::{Contestant, Runner, Tracking},
    field::Field,
    places::Places,
    plan::{Plan, seconds},
    record::FlowSeries,
    storm::{Setup, Tuned},
};

/// Runs everybody who takes part in a case, in turn.
pub(crate) fn race(
    case: &str,
    is_tracked: bool,
    plan: &Plan,
    places: &Places,
    tuned: &Tuned,
) -> Result<Vec<FlowSeries>> {
    let series = |contestant: Contestant| FlowSeries {
        case: case.to_owned(),
        is_tracked,
        tuples_per_ack: tuples_per_ack(case, &contestant),
        contestant,
        runs: Vec::new(),
    };
    let mut field = Field::start(case, contestants(case, is_tracked, tuned)?, places, series)?;
    field.warm_up(
        &plan.times,
        |series| series.contestant.warms_up(),
        |child, span_s| child.flow(seconds(span_s), seconds(plan.times.settle_s)).map(drop),
    )?;
    for _ in 0..plan.times.repetitions {
        field.turn(|child, series| run(child, series, plan))?;
        // Nobody is always the first, and nobody always the last.
        field.rotate();
    }
    Ok(field.into_series().collect())
}

fn run(child: &mut Child, series: &mut FlowSeries, plan: &Plan) -> Result<()> {
    let flow = child.flow(seconds(plan.times.settle_s), seconds(plan.times.measured_s))?;
    series.runs.push(flow);
    if let Some(spread) = series.per_second() {
        eprintln!("{}: {}: {:.0} tuples/s", series.case, series.contestant.name(), spread.median);
    }
    Ok(())
}

fn contestants(case: &str, is_tracked: bool, tuned: &Tuned) -> Result<Vec<Contestant>> {
    let mut all = vec![
        Contestant::storm(Runner::StormShipped, is_tracked, Setup::shipped()),
        Contestant::storm(Runner::StormTuned, is_tracked, tuned.of(case, is_tracked)?),
    ];
    if is_tracked {
        all.push(Contestant::native(Runner::Squall, Tracking::Tuple));
        all.push(Contestant::native(Runner::Squall, Tracking::Batch));
    } else {
        all.push(Contestant::native(Runner::Squall, Tracking::None));
    }
    // Timely tracks nothing, but is what the tracked word count is compared with.
    if !is_tracked || case == "word-count" {
        all.push(Contestant::native(Runner::Timely, Tracking::None));
    }
    Ok(all)
}

/// Storm is counted while it goes on: see [`FlowSeries::tuples_per_ack`].
fn tuples_per_ack(case: &str, contestant: &Contestant) -> Option<f64> {
    if contestant.setup.is_none() || contestant.tracking == Tracking::None {
        return None;
    }
    if case != "word-count" {
        return Some(1.0);
    }
    let text = Text::generate(Text::SEED);
    let lines = text.lines().len() as u64;
    Some(text.words(lines) as f64 / lines as f64)
}
