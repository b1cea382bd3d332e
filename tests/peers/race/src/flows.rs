//! The cases without a fixed rate.

use squall_bench::Text;

use crate::{
    Result,
    child::Child,
    contestant::{Contestant, Runner, Tracking},
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
    let times = plan.times;
    let mut starters: Vec<(Child, FlowSeries)> = Vec::new();
    for contestant in contestants(case, is_tracked, tuned)? {
        eprintln!("{case}: {} starts", contestant.name());
        let mut child = contestant.start(case, places)?;
        // Those who are compiled beforehand only find their pace.
        let warm_up = if contestant.warms_up() { times.warm_up_s } else { 0.0 };
        let others = starters.iter().map(|(other, _)| other);
        child.warm_up(warm_up, others, |child, span| child.flow(span, seconds(times.settle_s)).map(drop))?;
        let tuples_per_ack = tuples_per_ack(case, &contestant);
        let series =
            FlowSeries { case: case.to_owned(), is_tracked, contestant, tuples_per_ack, runs: Vec::new() };
        starters.push((child, series));
    }
    for repetition in 0..times.repetitions {
        // Nobody is always the first, and nobody always follows the same.
        starters.rotate_left(usize::from(repetition > 0));
        for (child, series) in &mut starters {
            run(child, series, plan)?;
        }
    }
    Ok(starters.into_iter().map(|(_, series)| series).collect())
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
