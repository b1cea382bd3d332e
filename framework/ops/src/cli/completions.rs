//! `squall completions`: what shells need to complete the command line.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use super::help::with_examples;
use super::print::print;
use super::{Cli, spec};
use crate::{Flags, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let command =
        Command::new("completions").about("Prints a script that has a shell complete the command line").arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(value_parser!(Shell))
                .help("Which shell"),
        );
    with_examples(
        command,
        product,
        &["completions bash > /etc/bash_completion.d/squall", "completions fish | source"],
    )
}

/// Prints the script.
pub(super) fn completions(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let Some(shell) = Flags::new(args).one::<Shell>("shell") else {
        return Err(StartError::usage("name a shell"));
    };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut spec::spec(cli), cli.name.clone(), &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(exit::OK.into())
}
