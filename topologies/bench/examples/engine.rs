//! `squall bench engine` without the rest of the binary.

use std::{io, process::ExitCode};

use clap::{Args, Command, FromArgMatches};
use squall_bench::Options;

fn main() -> ExitCode {
    let matches = Options::augment_args(Command::new("engine")).get_matches();
    let options = Options::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match squall_bench::print(&options, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.sentence());
            ExitCode::FAILURE
        }
    }
}
