//! What to measure, and on which store.

use clap::{Args, ValueEnum};

/// Where the messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Nowhere: the arrival is noted in the process
    Noop,
    /// An HTTP server of the process, on the loopback
    Webhook,
}

impl Kind {
    /// The name on the command line and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Webhook => "webhook",
        }
    }
}

/// The flags of `squall bench schedule`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Messages due at one instant; 1 stands for 500 messages that are each alone at theirs
    #[arg(long, value_delimiter = ',', default_values_t = [1, 1_000, 10_000, 100_000])]
    due: Vec<usize>,
    /// Messages that are due later and must not matter
    #[arg(long, default_value_t = 1_000_000)]
    pub later: usize,
    /// Where they go; both if not given
    #[arg(long, value_enum, value_delimiter = ',')]
    destination: Vec<Kind>,
    /// Addresses of a server, which must be a database for this alone; a SQLite file if not given
    #[arg(long, value_name = "URL", env = "SQUALL_BENCH_DATABASE", hide_env_values = true)]
    pub database: Vec<String>,
    /// Print a JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl Options {
    /// The numbers of messages to measure with.
    pub fn due(&self) -> &[usize] {
        &self.due
    }

    /// The destinations to measure with.
    pub fn destinations(&self) -> &[Kind] {
        if self.destination.is_empty() { &[Kind::Noop, Kind::Webhook] } else { &self.destination }
    }
}
