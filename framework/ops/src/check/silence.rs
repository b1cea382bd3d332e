//! `silence`: a spout that emits nothing for much longer than it usually does.

use std::time::Duration;

use squall_runtime::{ComponentStatus, TopologyState};

use super::{Bound, Check, Reading, View};
use crate::history::{Metric, Window};

/// How many times its usual gap a spout may be silent.
const MUCH: f64 = 3.0;

/// A silence that is no news for anybody.
const SHORT: f64 = 60.0;

/// So much must be known of a spout before anything is called unusual.
const KNOWN: f64 = 600.0;

pub(super) fn check() -> Check {
    Check::new("silence", Bound::Above(MUCH), probe)
        .unit("times the usual gap")
        .lasting(Duration::from_secs(1))
        .what_to_do("look whether its source has anything, and whether it is reached")
        .runbook("#silence")
}

fn probe(view: View<'_>) -> Vec<Reading> {
    let running =
        view.seen.topologies.iter().filter(|topology| topology.status.state == TopologyState::Running);
    let readings = running.flat_map(|topology| {
        let spouts = topology.status.components.iter().filter(|component| is_asked(component));
        spouts.filter_map(|spout| {
            let points = view.history.points(topology.name, Some(&spout.name), Metric::Emitted, Window::Hour)?;
            let (gap, usual) = silence(&points.values, points.step_seconds as f64)?;
            let reading = Reading::new(gap / usual).about(topology.name, &spout.name);
            Some(reading.sentence(format!(
                "`{}` has emitted nothing for {gap:.0} s; its longest gap in the hour before was {usual:.0} s",
                spout.name
            )))
        })
    });
    readings.collect()
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
