//! `silence`: a spout that emits nothing for much longer than it usually does.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use squall_runtime::{ComponentStatus, TopologyState};

use super::{Bound, Check, Probe, Reading, View};
use crate::history::{Metric, Window};

/// How many times its usual gap a spout may be silent.
const MUCH: f64 = 3.0;

/// A silence that is no news for anybody.
const SHORT: f64 = 60.0;

/// So much must be known of a spout before anything is called unusual.
const KNOWN: f64 = 600.0;

pub(super) fn check() -> Check {
    Check::new("silence", Bound::Above(MUCH), Silence::default())
        .unit("times the usual gap")
        .lasting(Duration::from_secs(1))
        .what_to_do("look whether its source has anything, and whether it is reached")
        .runbook("#silence")
}

/// Since when each spout is asked: while it is paused it has to be silent.
#[derive(Debug, Default)]
struct Silence {
    asked: BTreeMap<(&'static str, String), SystemTime>,
}

impl Probe for Silence {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let mut asked = BTreeMap::new();
        let mut readings = Vec::new();
        for topology in &view.seen.topologies {
            let is_running = topology.status.state == TopologyState::Running;
            for spout in topology.status.components.iter().filter(|spout| is_running && is_asked(spout)) {
                let place = (topology.name, spout.name.clone());
                let since = self.asked.get(&place).copied().unwrap_or(view.seen.at);
                let asked_for = view.seen.at.duration_since(since).unwrap_or_default().as_secs_f64();
                readings.extend(reading(view, topology.name, &spout.name, asked_for));
                asked.insert(place, since);
            }
        }
        self.asked = asked;
        readings
    }
}

fn reading(view: View<'_>, topology: &str, spout: &str, asked_for: f64) -> Option<Reading> {
    let points = view.history.points(topology, Some(spout), Metric::Emitted, Window::Hour)?;
    let (gap, usual) = silence(&points.values, points.step_seconds as f64)?;
    let gap = gap.min(asked_for);
    let sentence = format!(
        "`{spout}` has emitted nothing for {gap:.0} s; its longest gap in the hour before was {usual:.0} s"
    );
    Some(Reading::new(gap / usual).about(topology, spout).sentence(sentence))
}

fn is_asked(component: &ComponentStatus) -> bool {
    component.roots.is_some() && !component.paused && component.ended_tasks < component.tasks
}

/// The silence of now, and the longest before, at least [`SHORT`]; nothing if too little is known.
fn silence(emitted: &[Option<f32>], step: f64) -> Option<(f64, f64)> {
    let runs: Vec<&[Option<f32>]> = emitted.split(|rate| rate.is_some_and(|rate| rate > 0.0)).collect();
    let (now, before) = runs.split_last()?;
    let known = (emitted.len() - now.len()) as f64 * step;
    if before.is_empty() || known < KNOWN {
        return None;
    }
    let longest = before.iter().map(|run| run.len()).max().unwrap_or(0) as f64 * step;
    Some((now.len() as f64 * step, longest.max(SHORT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(seconds: &[(usize, f32)]) -> Vec<Option<f32>> {
        seconds.iter().flat_map(|(times, rate)| vec![Some(*rate); *times]).collect()
    }

    #[test]
    fn a_spout_that_never_rests_is_silent_after_three_minutes() {
        assert_eq!(silence(&emitted(&[(60, 5.0), (20, 0.0)]), 10.0), Some((200.0, 60.0)));
    }

    #[test]
    fn one_that_often_rests_may_do_so() {
        let often = [(20, 5.0), (30, 0.0), (20, 5.0), (30, 0.0)];

        assert_eq!(silence(&emitted(&often), 10.0), Some((300.0, 300.0)));
    }

    #[test]
    fn of_one_that_is_new_or_never_spoke_nothing_is_said() {
        assert_eq!(silence(&emitted(&[(10, 5.0), (20, 0.0)]), 10.0), None);
        assert_eq!(silence(&emitted(&[(300, 0.0)]), 10.0), None);
        assert_eq!(silence(&[], 10.0), None);
    }
}
