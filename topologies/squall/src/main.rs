//! The `squall` binary: the topologies of this repository behind one command line.

use std::process::ExitCode;

use squall::cli::Cli;
use squall_bench::Bench;
use squall_enrichment::Enrichment;
use squall_scheduled_messages::ScheduledMessages;

fn main() -> ExitCode {
    Cli::new(vec![Box::new(ScheduledMessages), Box::new(Enrichment)]).command(Box::new(Bench)).main()
}
