//! What to measure, and for how long.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::case::Shape;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// A spout of constants and a null bolt, beside the limit
    ConstNull,
    /// The same with an id bolt in between, beside the limit
    ConstIdNull,
    /// Lines, split and counted, beside the limit
    WordCount,
    /// Latency at 10,000 tuples per second
    #[value(name = "latency-10k")]
    Latency10k,
    /// Latency at 100,000 tuples per second
    #[value(name = "latency-100k")]
    Latency100k,
    /// A word count that panics at every 1,000th line, by the time of one that does not
    #[value(name = "panic-1000")]
    Panic1000,
    /// Latency of the second in which a keyed bolt gets 2, 8 and 2 tasks, at half load
    Rebalance,
    /// Processor time of a topology with nothing to do
    Idle,
    /// Growth of the memory when the last bolt never returns
    StalledSink,
}

impl Case {
    /// The name on the command line and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConstNull => Shape::ConstNull.name(),
            Self::ConstIdNull => Shape::ConstIdNull.name(),
            Self::WordCount => Shape::WordCount.name(),
            Self::Latency10k => "latency-10k",
            Self::Latency100k => "latency-100k",
            Self::Panic1000 => "panic-1000",
            Self::Rebalance => "rebalance",
            Self::Idle => "idle",
            Self::StalledSink => "stalled-sink",
        }
    }
}

/// The flags of `squall bench engine`.
///
/// ```
/// use squall_bench::Options;
///
/// assert_eq!(Options::default().repetitions(), 5);
/// assert_eq!(Options { quick: true, ..Options::default() }.repetitions(), 1);
/// ```
#[derive(Args, Clone, Debug)]
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
    /// Watch the stalled sink for a minute
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
    /// How often each side of a case is run, in turn
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub repetitions: u16,
    /// How long the limit is kept busy in each repetition
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    pub seconds: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cases: Vec::new(), json: false, quick: false, full: false, repetitions: 5, seconds: 1.0 }
    }
}

impl Options {
    /// The cases to measure.
    pub fn cases(&self) -> &[Case] {
        if self.cases.is_empty() { Case::value_variants() } else { &self.cases }
    }

    /// How often each side of a case is run.
    pub fn repetitions(&self) -> usize {
        if self.quick { 1 } else { self.repetitions.into() }
    }

    /// Emissions of a spout before they are adapted to the machine; the lines of `panic-1000`.
    pub(crate) fn emissions(&self) -> u64 {
        if self.quick { 5_000 } else { 200_000 }
    }

    /// How long a fixed rate warms up, and how long it is measured.
    pub(crate) fn latency(&self) -> (Duration, Duration) {
        if self.quick {
            (Duration::from_millis(50), Duration::from_millis(100))
        } else {
            (Duration::from_secs(1), Duration::from_secs(5))
        }
    }

    /// How long a topology warms up before it is rebalanced, and how long the latency is measured.
    pub(crate) fn rebalance(&self) -> (Duration, Duration) {
        // Long enough for a second rebalance before it is over, also where nothing is quick.
        let second = if self.quick { Duration::from_millis(500) } else { Duration::from_secs(1) };
        (second, second)
    }

    /// How long an idle topology is watched.
    pub(crate) fn idle(&self) -> Duration {
        if self.quick { Duration::from_millis(50) } else { Duration::from_secs(3) }
    }

    /// How long queues may fill before a stalled sink, and how long it is watched then.
    pub(crate) fn stalled(&self) -> (Duration, Duration) {
        if self.quick {
            (Duration::from_millis(100), Duration::from_millis(100))
        } else if self.full {
            (Duration::from_secs(5), Duration::from_secs(55))
        } else {
            (Duration::from_secs(2), Duration::from_secs(5))
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds between 0.01 and 600, such as 1 or 0.5".to_owned()),
    }
}
