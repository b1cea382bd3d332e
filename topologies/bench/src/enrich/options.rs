//! What to measure.

use clap::{Args, ValueEnum};

use super::wait;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// From generated events to a file, as fast as can be, beside the loop
    File,
    /// 100,000 events that each wait for two seconds
    Parked,
}

/// The flags of `squall bench enrich`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// What to measure; everything if nothing is named
    #[arg(value_enum)]
    pub cases: Vec<Case>,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    pub json: bool,
    /// Only see that everything runs: the numbers mean nothing
    #[arg(long)]
    pub quick: bool,
}

impl Options {
    /// The cases to measure.
    pub fn cases(&self) -> &[Case] {
        if self.cases.is_empty() { Case::value_variants() } else { &self.cases }
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

    /// How often each event is read, at this rate, so that as many wait as may for some time.
    pub(super) fn parked_rounds(&self, per_s: f64) -> usize {
        if self.quick { 1 } else { (per_s * wait::TIME.as_secs_f64() * 5.0 / self.events() as f64) as usize }
    }
}
