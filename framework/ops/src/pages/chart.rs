//! [`Chart`]: one or two series over a window of time.

use crate::history::{Metric, Points, Window};
use crate::show::{Seconds, Unit};
use crate::site::Site;

/// The width of the picture, in units of its own.
const WIDTH: f64 = 600.0;
/// Its height.
const HEIGHT: f64 = 120.0;
/// Lines across, besides that at the bottom.
const LINES: u32 = 2;

/// One or two series over a window of time, the newest at the right.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// Names of the series, if there are two.
    pub(super) legend: Vec<&'static str>,
    /// From top to bottom.
    pub(super) y: Vec<String>,
    /// From left to right.
    pub(super) x: Vec<String>,
    /// Heights of the lines across.
    pub(super) grid: Vec<f64>,
    /// The pieces of each series; it is interrupted where nothing was measured.
    pub(super) series: Vec<Vec<Piece>>,
    /// The same in a sentence.
    pub(super) words: String,
}

/// A piece of a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) line: String,
    pub(super) area: String,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) title: &'static str,
    pub(super) unit: Unit,
    pub(super) metrics: &'static [(&'static str, Metric)],
}

impl Chart {
    /// Draws it from what is kept.
    pub(super) fn of(site: &Site, topology: &str, component: &str, window: Window, subject: Subject) -> Self {
        let Subject { title, unit, metrics } = subject;
        let history = site.lookout.history();
        let points = |(_, metric): &(_, Metric)| history.points(topology, Some(component), *metric, window);
        let series: Vec<Option<Points>> = metrics.iter().map(points).collect();
        let known = || series.iter().flatten().flat_map(|points| points.values.iter().flatten());
        let most = known().fold(0.0_f32, |most, value| most.max(*value));
        let top = if unit == Unit::Percent { 1.0 } else { nice(f64::from(most)) };
        let length = window.most().saturating_sub(1).max(1) as f64;
        let share = |line: u32| f64::from(line) / f64::from(LINES);
        let latest = |points: &Option<Points>| points.as_ref().and_then(|points| *points.values.last()?);
        let words = metrics
            .iter()
            .zip(&series)
            .map(|((name, _), points)| format!("{name}: {} now", unit.show(latest(points).map(f64::from))));
        Self {
            title,
            legend: if metrics.len() > 1 {
                metrics.iter().map(|(name, _)| *name).collect()
            } else {
                Vec::new()
            },
            y: (0..=LINES).map(|line| unit.show(Some(top * (1.0 - share(line))))).collect(),
            x: times(window.most() as f64 * window.step().as_secs_f64()),
            grid: (0..=LINES).map(|line| HEIGHT * share(line)).collect(),
            series: series.iter().map(|points| pieces(points.as_ref(), length, top)).collect(),
            words: format!(
                "{title}: {}, {} at most",
                words.collect::<Vec<_>>().join(", "),
                unit.show(Some(f64::from(most)))
            ),
        }
    }
}

/// The next larger number that begins with 1, 2 or 5: the scale does not tremble.
fn nice(most: f64) -> f64 {
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10.0_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= most).unwrap_or(most)
}

fn times(span: f64) -> Vec<String> {
    let ago = |share: f64| format!("{} ago", Seconds((span * share).round()));
    vec![ago(1.0), ago(0.5), "now".to_owned()]
}

fn pieces(points: Option<&Points>, length: f64, top: f64) -> Vec<Piece> {
    let Some(points) = points else { return Vec::new() };
    // The newest value stands at the right; what is missing, is missing at the left.
    let missing = length + 1.0 - points.values.len() as f64;
    let mut pieces = Vec::new();
    let mut run: Vec<(f64, f64)> = Vec::new();
    for (at, value) in points.values.iter().enumerate() {
        match value {
            Some(value) => {
                let x = (missing + at as f64) / length * WIDTH;
                run.push((x, HEIGHT * (1.0 - (f64::from(*value) / top).min(1.0))));
            }
            None => pieces.extend(piece(&std::mem::take(&mut run))),
        }
    }
    pieces.extend(piece(&run));
    pieces
}

fn piece(run: &[(f64, f64)]) -> Option<Piece> {
    let ((first, _), (last, _)) = (run.first()?, run.last()?);
    let line: Vec<String> = run.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let line = line.join(" ");
    Some(Piece { area: format!("{first:.1},{HEIGHT} {line} {last:.1},{HEIGHT}"), line })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_scale_ends_at_one_two_or_five() {
        let most = [0.0, 0.003, 1.0, 1.1, 4.9, 51.0, 1_000.0, 1_200.0];

        assert_eq!(most.map(nice), [1.0, 0.005, 1.0, 2.0, 5.0, 100.0, 1_000.0, 2_000.0]);
    }

    #[test]
    fn a_series_is_interrupted_where_nothing_was_measured() {
        let values = vec![Some(1.0), Some(2.0), None, Some(0.0)];
        let points = Points { end: SystemTime::UNIX_EPOCH, step_seconds: 1, values };

        let pieces = pieces(Some(&points), 3.0, 2.0);

        let lines: Vec<&str> = pieces.iter().map(|piece| piece.line.as_str()).collect();
        assert_eq!(lines, ["0.0,60.0 200.0,0.0", "600.0,120.0"]);
    }
}
