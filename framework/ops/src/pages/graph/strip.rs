//! [`Strip`]: the last hour of a topology, with what was done to it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::event::Event;
use crate::history::{Metric, Points, Window};
use crate::show::Rate;
use crate::site::Site;

/// The width of the picture: a unit a second.
const WIDTH: f64 = 3_600.0;
/// Its height.
const HEIGHT: f64 = 100.0;
/// Marks that are told in words below the picture.
const TOLD: usize = 8;
/// More marks than these are a wall.
const MARKS: usize = 60;

/// The last hour of a topology, with what was done to it.
pub(super) struct Strip {
    /// The pieces of the line: it is interrupted where nothing was measured.
    pub(super) lines: Vec<String>,
    pub(super) areas: Vec<String>,
    /// What the upper edge stands for.
    pub(super) most: Rate,
    /// The newest first.
    pub(super) marks: Vec<Mark>,
    pub(super) told: Vec<Mark>,
    pub(super) more: usize,
    pub(super) words: String,
}

/// Something that was done, or that happened.
#[derive(Clone)]
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) kind: Kind,
    pub(super) at: String,
    pub(super) clock: String,
    pub(super) sentence: String,
    pub(super) who: Option<String>,
    pub(super) ok: bool,
}

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rebalance,
    Reload,
    Restart,
    State,
}

impl Kind {
    /// The kinds of events that stand on the strip.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "rebalanced" | "rebalance_refused" => Some(Self::Rebalance),
            "reload" => Some(Self::Reload),
            "restarted" | "restarted_as_asked" | "stuck" => Some(Self::Restart),
            "started" | "paused" | "resumed" | "draining" | "spout_paused" | "spout_resumed" | "failed" => {
                Some(Self::State)
            }
            _ => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Rebalance => "rebalance",
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::State => "state",
        }
    }

    /// A shape of its own for each, around (0, 0).
    pub(super) fn shape(self) -> &'static str {
        match self {
            Self::Rebalance => "M0-5 5 0 0 5-5 0z",
            Self::Reload => "M-4-4h8v8h-8z",
            Self::Restart => "M0-5 5 4h-10z",
            Self::State => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
        }
    }
}

impl Strip {
    /// For the legend.
    pub(super) const KINDS: [Kind; 4] = [Kind::Rebalance, Kind::Reload, Kind::Restart, Kind::State];

    pub(super) fn of(site: &Site, topology: &str) -> Self {
        let points = site.lookout.history().points(topology, None, Metric::Acked, Window::Hour);
        let end = points.as_ref().map_or_else(SystemTime::now, |points| points.end);
        let start = end.checked_sub(Duration::from_secs(3_600)).unwrap_or(SystemTime::UNIX_EPOCH);
        let kind = |event: &Event| {
            let is_about = event.topology.as_deref().is_none_or(|about| about == topology);
            Kind::of(event.kind).filter(|_| is_about && event.at >= start)
        };
        // By themselves: a task that fails every second must not push out what somebody did.
        let restarts = |event: &Event| kind(event) == Some(Kind::Restart);
        let others = |event: &Event| kind(event).is_some_and(|kind| kind != Kind::Restart);
        let journal = site.lookout.journal();
        let mut events = journal.newest(MARKS, others);
        events.extend(journal.newest(MARKS, restarts));
        events.sort_by_key(|event| std::cmp::Reverse(event.seq));
        let marks: Vec<Mark> = events.iter().filter_map(|event| Mark::of(event, end)).collect();
        let most = points.as_ref().map_or(0.0, most);
        let (lines, areas) = points.as_ref().map(|points| pieces(points, most)).unwrap_or_default();
        Self {
            lines,
            areas,
            most: Rate(most),
            words: format!(
                "Acked a second over the last hour, {} at most; {} marks",
                Rate(most),
                marks.len()
            ),
            told: marks.iter().take(TOLD).cloned().collect(),
            more: marks.len().saturating_sub(TOLD),
            marks,
        }
    }
}

impl Mark {
    fn of(event: &Arc<Event>, end: SystemTime) -> Option<Self> {
        let ago = end.duration_since(event.at).unwrap_or_default().as_secs_f64();
        let at = humantime::format_rfc3339_seconds(event.at).to_string();
        Some(Self {
            x: (WIDTH - ago).round(),
            kind: Kind::of(event.kind)?,
            clock: at.get(11..19).unwrap_or_default().to_owned(),
            at,
            sentence: event.sentence.clone(),
            who: event.who.clone(),
            ok: event.ok,
        })
    }

    /// In percent of the width, for what must not be stretched with it.
    pub(super) fn percent(&self) -> f64 {
        (self.x / WIDTH * 1_000.0).round() / 10.0
    }
}

fn most(points: &Points) -> f64 {
    let most = points.values.iter().flatten().fold(0.0_f32, |most, value| most.max(*value));
    f64::from(most)
}

fn pieces(points: &Points, most: f64) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut areas, mut run) = (Vec::new(), Vec::new(), Vec::new());
    let last = points.values.len().saturating_sub(1);
    for (at, value) in points.values.iter().enumerate() {
        let x = WIDTH - ((last - at) as u64 * points.step_seconds) as f64;
        if let Some(value) = value {
            let share = if most > 0.0 { f64::from(*value) / most } else { 0.0 };
            run.push((x, (HEIGHT * (1.0 - 0.92 * share)).round()));
        }
        if value.is_none() || at == last {
            finish(&mut run, &mut lines, &mut areas);
        }
    }
    (lines, areas)
}

fn finish(run: &mut Vec<(f64, f64)>, lines: &mut Vec<String>, areas: &mut Vec<String>) {
    if let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) {
        let line: Vec<String> = run.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let line = line.join(" ");
        areas.push(format!("{first},{HEIGHT} {line} {last},{HEIGHT}"));
        lines.push(line);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_newest_stands_at_the_right_and_gaps_stay() {
        let values = vec![Some(0.0), None, Some(5.0), Some(10.0)];
        let points = Points { end: SystemTime::now(), step_seconds: 10, values };

        let (lines, areas) = pieces(&points, most(&points));

        assert_eq!(lines, ["3570,100", "3590,54 3600,8"]);
        assert_eq!(areas[1], "3590,100 3590,54 3600,8 3600,100");
    }
}
