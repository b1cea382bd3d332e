//! [`History`]: what was seen, second by second, for the charts: there before anybody looks.
//!
//! A series is three rings of numbers: five minutes by the second, an hour by ten seconds, a day by the minute. All of it
//! takes 8 KiB a series, and never more.

mod metric;
mod ring;

pub use metric::Metric;
pub(crate) use ring::Series;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::seen::{Seen, TopologySeen};

/// How far back a chart looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Window {
    /// A minute, by the second.
    #[serde(rename = "1m")]
    Minute,
    /// Ten minutes, by ten seconds.
    #[default]
    #[serde(rename = "10m")]
    TenMinutes,
    /// An hour, by ten seconds.
    #[serde(rename = "1h")]
    Hour,
    /// As long as there is something, at most a day, by the minute.
    #[serde(rename = "all")]
    All,
}

impl Window {
    /// From the shortest to the longest.
    pub const ALL: [Self; 4] = [Self::Minute, Self::TenMinutes, Self::Hour, Self::All];

    /// As it stands in an address: `10m`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::All => "all",
        }
    }

    /// The window with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.name() == name)
    }

    /// The time from one number to the next.
    pub fn step(self) -> Duration {
        Duration::from_secs(match self {
            Self::Minute => 1,
            Self::TenMinutes | Self::Hour => 10,
            Self::All => 60,
        })
    }

    /// The most numbers in it.
    pub fn most(self) -> usize {
        match self {
            Self::Minute | Self::TenMinutes => 60,
            Self::Hour => 360,
            Self::All => 1_440,
        }
    }
}

/// Numbers at equal distances, the newest last.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Points {
    /// When the newest was measured.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    pub end: SystemTime,
    /// Seconds from one to the next.
    pub step_seconds: u64,
    /// `None` where nothing was measured.
    pub values: Vec<Option<f32>>,
}

impl Points {
    /// Nothing was measured so far.
    pub(crate) fn none(window: Window) -> Self {
        Self { end: SystemTime::now(), step_seconds: window.step().as_secs(), values: Vec::new() }
    }
}

/// What was seen, second by second. A clone is a handle to the same history.
#[derive(Clone, Default)]
pub struct History(Arc<RwLock<Kept>>);

#[derive(Default)]
struct Kept {
    end: Option<SystemTime>,
    topologies: BTreeMap<&'static str, OfTopology>,
}

#[derive(Default)]
struct OfTopology {
    own: Table,
    components: BTreeMap<String, Table>,
}

/// A series for each metric.
type Table = [Series; Metric::ALL.len()];

impl History {
    /// The numbers of a metric: of a component, or of the topology as a whole; `None` if there are none.
    pub fn points(
        &self,
        topology: &str,
        component: Option<&str>,
        metric: Metric,
        window: Window,
    ) -> Option<Points> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let of = kept.topologies.get(topology)?;
        let table = component.map_or(Some(&of.own), |component| of.components.get(component))?;
        let values = table.get(metric.index())?.values(window);
        let values = values.map(|value| value.is_finite().then_some(value)).collect();
        Some(Points { end: kept.end?, step_seconds: window.step().as_secs(), values })
    }

    /// Adds what was seen in a second.
    pub(crate) fn add(&self, seen: &Seen) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.end = Some(seen.at);
        for topology in &seen.topologies {
            kept.topologies.entry(topology.name).or_default().add(topology);
        }
        for (name, absent) in &mut kept.topologies {
            if seen.topology(name).is_none() {
                absent.skip();
            }
        }
    }
}

impl OfTopology {
    fn add(&mut self, topology: &TopologySeen) {
        add(&mut self.own, |metric| metric.of_topology(topology));
        for component in &topology.components {
            let table = match self.components.get_mut(&component.name) {
                Some(table) => table,
                None => self.components.entry(component.name.clone()).or_default(),
            };
            add(table, |metric| metric.of_component(component));
        }
        if self.components.len() > topology.components.len() {
            let is_there = |name: &String| topology.components.iter().any(|own| own.name == *name);
            self.components.retain(|name, _| is_there(name));
        }
    }

    /// It is not there for a second: those before it must not move nearer.
    fn skip(&mut self) {
        for table in self.components.values_mut().chain([&mut self.own]) {
            add(table, |_| None);
        }
    }
}

fn add(table: &mut Table, value: impl Fn(Metric) -> Option<f64>) {
    for (series, metric) in table.iter_mut().zip(Metric::ALL) {
        series.push(value(metric).map_or(f32::NAN, |value| value as f32), metric.fold());
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use squall_core::{Emit, Next, Result, Spout, SpoutOutput};
    use squall_runtime::{Options, Running};
    use squall_topology::TopologyBuilder;

    use super::*;
    use crate::seen::Span;

    struct Nothing;

    impl Spout for Nothing {
        type Id = u32;
        type Out = Emit<u32>;

        async fn next(&mut self, _: &mut SpoutOutput<Emit<u32>, u32>) -> Result<Next> {
            std::future::pending().await
        }
    }

    #[test]
    fn a_topology_that_is_not_there_for_a_while_leaves_a_gap() {
        let mut topology = TopologyBuilder::new("t");
        let _stream = topology.spout("in", || Nothing).output();
        let running = Running::start(topology.build().unwrap(), Options::default().threads(1)).unwrap();
        let span = Span::new(0, std::time::Instant::now(), running.status());
        let there = Seen { at: SystemTime::now(), topologies: vec![TopologySeen::between("t", "", &span)] };
        let history = History::default();

        for seen in [&there, &Seen::nothing(), &Seen::nothing(), &there] {
            history.add(seen);
        }

        for component in [None, Some("in")] {
            let points = history.points("t", component, Metric::Pending, Window::Minute).unwrap();
            assert_eq!(points.values, [Some(0.0), None, None, Some(0.0)], "{component:?}");
        }
        running.kill();
        running.wait_blocking().unwrap();
    }
}
