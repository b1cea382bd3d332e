//! What to measure.

use clap::{Args, ValueEnum};

use super::{load::LoadOptions, wait};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// From generated events to a file, as fast as can be, beside the loop
    File,
    /// 100,000 events that each wait for four seconds
    Parked,
    /// From Kafka to Kafka: spikes above what can be done, while workers are killed, join and leave (with --brokers)
    Load,
    /// From Kafka to Kafka, one worker as fast as it can (with --brokers)
    Kafka,
}

impl Case {
    /// Whether it needs brokers: those are measured only if they are named.
    fn is_brokered(self) -> bool {
        matches!(self, Self::Load | Self::Kafka)
    }
}

/// The flags of `squall bench enrich`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// What to measure; everything that needs no brokers if nothing is named
    #[arg(value_enum)]
    pub cases: Vec<Case>,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    pub json: bool,
    /// Only see that everything runs: the numbers mean nothing
    #[arg(long)]
    pub quick: bool,
    /// The flags of the cases with brokers.
    #[command(flatten)]
    pub load: LoadOptions,
}

impl Options {
    /// The cases to measure that need no brokers.
    pub fn cases(&self) -> Vec<Case> {
        let all = if self.cases.is_empty() { Case::value_variants() } else { &self.cases };
        all.iter().copied().filter(|case| !case.is_brokered()).collect()
    }

    /// Those that do.
    pub fn brokered(&self) -> Vec<Case> {
        self.cases.iter().copied().filter(|case| case.is_brokered()).collect()
    }

    /// Records that are there before a worker begins.
    #[cfg(feature = "kafka")]
    pub(super) fn preloaded(&self) -> u64 {
        if self.quick { 5_000 } else { 1_000_000 }
    }

    /// How often each side is run.
    pub(super) fn repetitions(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }

    /// Different events.
    pub(super) fn events(&self) -> usize {
        if self.quick { 500 } else { 20_000 }
    }

    /// How often each of them is read.
    pub(super) fn rounds(&self) -> usize {
        if self.quick { 2 } else { 25 }
    }

    /// The same, for ten seconds at this rate.
    pub(super) fn paced_rounds(&self, per_s: f64) -> usize {
        if self.quick { 1 } else { (per_s * 10.0 / self.events() as f64).ceil() as usize }
    }

    /// Events that wait at once.
    pub(super) fn parked(&self) -> usize {
        if self.quick { 100 } else { 100_000 }
    }

    /// Different ones of those: few, for the memory that they are sent from counts with that of those that wait.
    pub(super) fn parked_events(&self) -> usize {
        self.events() / 5
    }

    /// How often each of them is read, at this rate, so that as many wait as may for some time.
    pub(super) fn parked_rounds(&self, per_s: f64) -> usize {
        let events = per_s * wait::TIME.as_secs_f64() * 5.0;
        if self.quick { 1 } else { (events / self.parked_events() as f64) as usize }
    }
}
