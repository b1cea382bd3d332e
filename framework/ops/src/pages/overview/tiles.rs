//! The five numbers that say how it goes, over all topologies.

use crate::history::{Metric, Window};
use crate::seen::{Seen, TopologySeen};
use crate::show::{Spark, Unit};
use crate::site::Site;

/// Fewer numbers by ten seconds than these are no line yet: then it is drawn by the second.
const ENOUGH: usize = 12;

/// A number, and how it came to be.
pub(super) struct Tile {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) unit: &'static str,
    /// Where the script finds a newer one: it adds the topologies up as it is done here.
    pub(super) bind: String,
    pub(super) path: String,
    pub(super) spark: Spark,
    pub(super) words: String,
}

/// What such a number is made of.
struct Sum {
    label: &'static str,
    unit: &'static str,
    format: Unit,
    field: &'static str,
    metric: Metric,
    value: fn(&TopologySeen) -> Option<f64>,
    both: fn(f64, f64) -> f64,
}

const SUMS: [Sum; 5] = [
    Sum {
        label: "Emitted",
        unit: "/s",
        format: Unit::Rate,
        field: "emitted_per_s",
        metric: Metric::Emitted,
        value: |seen| Some(seen.emitted_per_s),
        both: add,
    },
    Sum {
        label: "Acked",
        unit: "/s",
        format: Unit::Rate,
        field: "acked_per_s",
        metric: Metric::Acked,
        value: |seen| Some(seen.acked_per_s),
        both: add,
    },
    Sum {
        label: "Failed",
        unit: "/s",
        format: Unit::Rate,
        field: "failed_per_s",
        metric: Metric::Failed,
        value: |seen| Some(seen.failed_per_s),
        both: add,
    },
    Sum {
        label: "Complete latency, p99",
        unit: "",
        format: Unit::Seconds,
        field: "complete_p99_seconds",
        metric: Metric::CompleteP99,
        value: |seen| seen.complete_p99_seconds,
        both: f64::max,
    },
    Sum {
        label: "In flight",
        unit: "roots",
        format: Unit::Count,
        field: "pending",
        metric: Metric::Pending,
        value: |seen| Some(seen.pending as f64),
        both: add,
    },
];

fn add(one: f64, other: f64) -> f64 {
    one + other
}

/// The five numbers, with the last ten minutes of each.
pub(super) fn all(site: &Site, seen: &Seen) -> Vec<Tile> {
    SUMS.iter().map(|sum| sum.tile(site, seen)).collect()
}

impl Sum {
    fn tile(&self, site: &Site, seen: &Seen) -> Tile {
        let value = seen.topologies.iter().filter_map(self.value).reduce(self.both);
        let path = format!("total/{}", self.field);
        let tens = self.series(site, seen, Window::TenMinutes);
        let is_young = tens.len() < ENOUGH;
        let series = if is_young { self.series(site, seen, Window::Minute) } else { tens };
        let window = if is_young { Window::Minute } else { Window::TenMinutes };
        Tile {
            label: self.label,
            value: self.format.show(value),
            unit: self.unit,
            bind: format!("{path}|{}", self.format.name()),
            path,
            spark: Spark::of(&series).every(window.step()),
            words: format!("{} in the last {}", self.label, if is_young { "minute" } else { "ten minutes" }),
        }
    }

    /// All topologies together; the newest numbers belong together.
    fn series(&self, site: &Site, seen: &Seen, window: Window) -> Vec<f32> {
        let history = site.lookout.history();
        let mut sum: Vec<Option<f64>> = Vec::new();
        for topology in &seen.topologies {
            let Some(points) = history.points(topology.name, None, self.metric, window) else { continue };
            let values = points.values;
            if values.len() > sum.len() {
                let missing = values.len() - sum.len();
                sum.splice(0..0, std::iter::repeat_n(None, missing));
            }
            for (sum, value) in sum.iter_mut().rev().zip(values.into_iter().rev()) {
                let value = value.map(f64::from);
                *sum = sum.zip(value).map(|(sum, value)| (self.both)(sum, value)).or(*sum).or(value);
            }
        }
        sum.into_iter().map(|value| value.map_or(f32::NAN, |value| value as f32)).collect()
    }
}
