//! `squall bench`.

use std::{io, process::ExitCode};

use clap::{ArgMatches, Args, FromArgMatches};
use squall_ops::{Command, StartError};

use crate::{bench, enrich, options::Options, schedule};

/// The command `bench` of the binary.
///
/// ```
/// use squall_bench::Bench;
/// use squall_ops::Command;
///
/// let flags = Bench.spec().try_get_matches_from(["bench", "engine", "--json", "const-null"]);
///
/// assert!(flags.is_ok());
/// ```
#[derive(Debug)]
pub struct Bench;

impl Command for Bench {
    fn spec(&self) -> clap::Command {
        let engine = clap::Command::new("engine").about("Measure the engine beside the same work by hand");
        let schedule =
            clap::Command::new("schedule").about("Measure how late messages are that are due at one instant");
        clap::Command::new("bench")
            .about("Measure what the engine can do on this machine")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Options::augment_args(engine))
            .subcommand(schedule::Options::augment_args(schedule))
            .subcommand(enrich::Options::augment_args(
                clap::Command::new("enrich")
                    .about("Measure the enrichment of activities beside a loop by hand"),
            ))
    }

    fn run(&self, args: &ArgMatches) -> Result<ExitCode, StartError> {
        let mut out = io::stdout().lock();
        let measured = match args.subcommand() {
            Some(("engine", flags)) => {
                bench::print(&Options::from_arg_matches(flags).map_err(StartError::usage)?, &mut out)
            }
            Some(("schedule", flags)) => {
                let options = schedule::Options::from_arg_matches(flags).map_err(StartError::usage)?;
                schedule::print(&options, &mut out)
            }
            Some(("enrich", flags)) => {
                let options = enrich::Options::from_arg_matches(flags).map_err(StartError::usage)?;
                enrich::print(&options, &mut out)
            }
            _ => {
                return Err(StartError::usage(
                    "say what to measure: squall bench engine, squall bench enrich, or squall bench schedule",
                ));
            }
        };
        match measured {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(StartError::failed(error.sentence())),
        }
    }
}
