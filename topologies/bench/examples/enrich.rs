//! `squall bench enrich` without the rest of the binary.

use std::{io, process::ExitCode};

use clap::{Args, Command, FromArgMatches};
use squall_bench::enrich::{Options, print};

fn main() -> ExitCode {
    let matches = Options::augment_args(Command::new("enrich")).get_matches();
    let options = Options::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match print(&options, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.sentence());
            ExitCode::FAILURE
        }
    }
}
