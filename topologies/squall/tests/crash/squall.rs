//! `squall` as `src/main.rs` has it, in a build that has crash points.

use std::process::ExitCode;

use squall_bench::Bench;
use squall_enrichment::Enrichment;
use squall_ops::Cli;
use squall_scheduled_messages::ScheduledMessages;

fn main() -> ExitCode {
    Cli::new(vec![Box::new(ScheduledMessages), Box::new(Enrichment)]).command(Box::new(Bench)).main()
}
