//! The curve of a load: what came and went, what was behind, and when that was to be gone.

use super::{
    chaos::Act,
    outcome::{Outcome, rates},
    run::Run,
    sample::Sample,
};
use crate::enrich::chart::{Chart, Colour, Line, Mark, Panel};

/// The curve as SVG.
pub(super) fn svg(run: &Run) -> String {
    let (samples, schedule) = (&run.samples, &run.load.schedule);
    let outcome = Outcome::of(run);
    let seconds = |sample: &Sample| sample.at.as_secs_f64();
    let of =
        |value: fn(&Sample) -> f64| samples.iter().map(|sample| (seconds(sample), value(sample))).collect();
    let line = |name, colour, points| Line { name, colour, points };
    let panel = |title: &str, lines| Panel { title: title.to_owned(), lines, limit: None };
    let came = line("sent", Colour::A, rates(samples, |sample| sample.sent).collect());
    let went = line("written", Colour::B, rates(samples, |sample| sample.written).collect());
    let limit = (f64::from(run.load.capacity), format!("limit {}", run.load.capacity));
    let predicted = of(|sample| sample.predicted_s.unwrap_or(f64::INFINITY));
    let chart = Chart {
        title: outcome.headline(),
        subtitle: outcome.subtitle(),
        seconds: samples.last().map_or(1.0, seconds),
        panels: vec![
            Panel { limit: Some(limit), ..panel("activities a second", vec![came, went]) },
            panel("backlog", vec![line("records not done", Colour::C, of(|sample| sample.backlog as f64))]),
            panel("seconds", vec![line("until that is drained, as predicted", Colour::B, predicted)]),
            panel("MiB", vec![line("of the largest worker", Colour::A, of(|sample| mib(sample.resident)))]),
        ],
        marks: run.acts.iter().map(|(at, act)| mark(at.as_secs_f64(), *act)).collect(),
        bands: schedule.spikes().map(|(begin, end)| (begin.as_secs_f64(), end.as_secs_f64())).collect(),
    };
    chart.to_string()
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn mark(at: f64, act: Act) -> Mark {
    let (name, colour) = match act {
        Act::Kill(_) => ("kill", Colour::Bad),
        Act::Join => ("join", Colour::Good),
        Act::Leave => ("leave", Colour::Calm),
    };
    Mark { at, name, colour }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::load::outcome::tests::run;

    #[test]
    fn the_curve_has_what_came_and_went_and_what_was_done_to_the_workers() {
        let svg = svg(&run());

        for what in
            ["sent", "written", "records not done", "as predicted", "limit 20", "kill", "join", "leave"]
        {
            assert!(svg.contains(what), "{what}: {svg}");
        }
        assert_eq!(svg.matches("<path").count(), 5);
        assert_eq!(svg.matches("class='band'").count(), 1);
    }
}
