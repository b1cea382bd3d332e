//! [`By`]: what the colour of a component stands for.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::seen::ComponentSeen;
use crate::show::{Percent, Seconds};

/// What the colour of a component stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum By {
    #[default]
    Capacity,
    Queue,
    Latency,
    Failures,
}

/// One step of the scale, for the legend.
pub(super) struct Step {
    pub(super) level: usize,
    /// From where on it counts.
    pub(super) from: String,
}

impl By {
    pub(super) const ALL: [Self; 4] = [Self::Capacity, Self::Queue, Self::Latency, Self::Failures];

    /// As it stands in an address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Queue => "queue",
            Self::Latency => "latency",
            Self::Failures => "failures",
        }
    }

    /// The one with this name, or the usual one.
    pub(super) fn named(name: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|by| Some(by.name()) == name).unwrap_or_default()
    }

    /// What stands on the switch.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Capacity => "Capacity",
            Self::Queue => "Queue",
            Self::Latency => "Latency",
            Self::Failures => "Failures",
        }
    }

    /// What it is, in a sentence for the legend.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Capacity => "The share of what its tasks can do that is used",
            Self::Queue => "How full its fullest inbox is",
            Self::Latency => "Within which time 99 of 100 executes answer; of a spout, its roots are acked",
            Self::Failures => "The share that fails of what it executes; of a spout, of its roots",
        }
    }

    /// The value of a component; nothing if it has no such thing.
    pub(super) fn value(self, seen: &ComponentSeen) -> Option<f64> {
        match self {
            Self::Capacity => Some(seen.capacity),
            Self::Queue => (seen.queue_capacity > 0).then_some(seen.queue_fill),
            Self::Latency => seen.execute_p99_seconds.or(seen.complete_p99_seconds),
            Self::Failures => {
                let all = seen.acked_per_s + seen.failed_per_s;
                (all > 0.0).then(|| seen.failed_per_s / all)
            }
        }
    }

    /// How it is written.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Latency => Seconds(value).to_string(),
            _ => Percent(value).to_string(),
        }
    }

    /// From 0, nothing to look at, to 4.
    pub(super) fn level(self, value: f64) -> usize {
        self.bounds().into_iter().filter(|bound| value >= *bound).count()
    }

    /// The scale, from the lowest step on.
    pub(super) fn steps(self) -> Vec<Step> {
        let from = [0.0].into_iter().chain(self.bounds());
        from.enumerate().map(|(level, from)| Step { level, from: self.show(from) }).collect()
    }

    fn bounds(self) -> [f64; 4] {
        match self {
            Self::Capacity | Self::Queue => [0.25, 0.5, 0.75, 0.9],
            Self::Latency => [0.001, 0.01, 0.1, 1.0],
            Self::Failures => [0.001, 0.005, 0.01, 0.05],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_begins_at_its_bound() {
        let levels = [0.0, 0.24, 0.25, 0.89, 0.9, 1.0].map(|value| By::Capacity.level(value));

        assert_eq!(levels, [0, 0, 1, 3, 4, 4]);
    }

    #[test]
    fn the_legend_tells_where_each_level_begins() {
        let steps = |by: By| by.steps().into_iter().map(|step| step.from).collect::<Vec<_>>();

        assert_eq!(steps(By::Capacity), ["0 %", "25 %", "50 %", "75 %", "90 %"]);
        assert_eq!(steps(By::Latency), ["0 s", "1.0 ms", "10 ms", "100 ms", "1.0 s"]);
    }

    #[test]
    fn what_is_no_metric_is_the_usual_one() {
        assert_eq!(
            [Some("queue"), Some("speed"), None].map(By::named),
            [By::Queue, By::Capacity, By::Capacity]
        );
    }
}
