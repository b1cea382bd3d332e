//! What was measured, as it is kept.

use std::{fs, path::Path};

use peer::{Flow, Rate};
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    about::About,
    contestant::{Contestant, Runner, Tracking},
    spread::Spread,
};

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) about: About,
    pub(crate) flows: Vec<FlowSeries>,
    pub(crate) rates: Vec<RateSeries>,
}

impl Record {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// Who ran in one case, in the race with or without acks.
    pub(crate) fn case<'a>(
        &'a self,
        case: &'a str,
        is_tracked: bool,
    ) -> impl Iterator<Item = &'a FlowSeries> + 'a {
        self.flows.iter().filter(move |series| series.case == case && series.is_tracked == is_tracked)
    }

    /// Tuples per second of one contestant.
    pub(crate) fn flow(
        &self,
        case: &str,
        is_tracked: bool,
        runner: Runner,
        tracking: Tracking,
    ) -> Option<Spread> {
        self.case(case, is_tracked)
            .find(|series| series.contestant.runner == runner && series.contestant.tracking == tracking)?
            .per_second()
    }

    /// The runs of one contestant at one rate.
    pub(crate) fn rate(&self, per_second: u64, runner: Runner) -> Option<&RateSeries> {
        self.rates.iter().find(|series| series.per_second == per_second && series.contestant.runner == runner)
    }
}

/// The repetitions of one contestant in one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FlowSeries {
    pub(crate) case: String,
    /// Whether this is the race in which Storm has an acker.
    pub(crate) is_tracked: bool,
    pub(crate) contestant: Contestant,
    /// Where only a span of a run is counted, what it took off is not all it began: then acks count, each for so
    /// many tuples of the last bolt. A run that is counted from its start to its end needs no such thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tuples_per_ack: Option<f64>,
    pub(crate) runs: Vec<Flow>,
}

impl FlowSeries {
    /// Tuples per second.
    pub(crate) fn per_second(&self) -> Option<Spread> {
        Spread::of(self.runs.iter().map(|run| match self.tuples_per_ack {
            Some(tuples) => run.acked as f64 * tuples / run.seconds,
            None => run.tuples as f64 / run.seconds,
        }))
    }

    /// Processor time per million tuples, in seconds.
    pub(crate) fn cpu_s_per_million(&self) -> Option<Spread> {
        Spread::of(self.runs.iter().map(|run| run.cpu_s / (run.tuples as f64 / 1e6)))
    }

    /// Emissions that failed.
    pub(crate) fn failed(&self) -> u64 {
        self.runs.iter().map(|run| run.failed).sum()
    }
}

/// The repetitions of one contestant at one rate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RateSeries {
    pub(crate) per_second: u64,
    pub(crate) contestant: Contestant,
    pub(crate) runs: Vec<Rate>,
}

impl RateSeries {
    /// A percentile in microseconds.
    pub(crate) fn micros(&self, percentile: impl Fn(&Rate) -> f64) -> Option<Spread> {
        Spread::of(self.runs.iter().map(percentile))
    }

    /// Processor time by time on the wall: 1 is one core.
    pub(crate) fn cores(&self) -> Option<Spread> {
        Spread::of(self.runs.iter().map(|run| run.cpu_s / run.seconds))
    }

    /// Whether all that fell due arrived, and the last of it within a second of the end.
    pub(crate) fn is_sustained(&self) -> bool {
        self.runs.iter().all(|run| run.tuples == run.scheduled && run.max_us < 1e6)
    }
}
