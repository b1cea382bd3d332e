//! How hard the load is, and for how long.

use std::path::PathBuf;

use clap::Args;

/// The flags of the cases with a broker.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Cases with a broker (load, kafka)")]
pub struct LoadOptions {
    /// Where the brokers of Kafka are; topics are made there, and removed at the end
    #[arg(long, value_name = "HOST:PORT")]
    pub brokers: Option<String>,
    /// Repeats the events, the kills, the joins and the leaves of a run
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Worker processes, besides one that joins and leaves [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub workers: Option<usize>,
    /// Activities a second that these workers take together [default: 20000; quick: 2000]
    #[arg(long, value_name = "NUMBER")]
    pub capacity: Option<u32>,
    /// Activities a second that are sent between the spikes [default: 6000; quick: 600]
    #[arg(long, value_name = "NUMBER")]
    pub base: Option<u32>,
    /// Activities a second of each spike [default: 25000,50000; quick: 2500,5000]
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    pub spikes: Vec<u32>,
    /// How long a spike lasts [default: 20; quick: 3]
    #[arg(long, value_name = "SECONDS")]
    pub spike: Option<u64>,
    /// How long the base rate lasts before each spike [default: 30; quick: 4]
    #[arg(long, value_name = "SECONDS")]
    pub calm: Option<u64>,
    /// A worker is killed about so often, 0 for never [default: 5; quick: 8]
    #[arg(long, value_name = "SECONDS")]
    pub kill_every: Option<u64>,
    /// A member joins, or leaves again, about so often, 0 for never [default: 8; quick: 9]
    #[arg(long, value_name = "SECONDS")]
    pub join_every: Option<u64>,
    /// The most memory that a worker may have [default: 512]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,
    /// How long all may take to be drained after the last spike [default: 600]
    #[arg(long, value_name = "SECONDS")]
    pub patience: Option<u64>,
    /// Draw the curve of the load as SVG
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}
