//! `squall graph`: the graph of a topology, for eyes and for tools.

use std::process::ExitCode;

use clap::ArgMatches;

use super::Cli;
use super::choose::choose;
use super::print::print;
use crate::settings::{Mode, Settings};
use crate::{StartError, exit};

/// Prints the graph of one topology on standard output.
pub(super) fn graph(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let flags = settings.flags();
    let names: Vec<String> = flags.one("topology").cloned().into_iter().collect();
    let chosen = choose(&cli.apps, &names)?;
    let mode = Mode { listen: None, named: true, dry: true };
    for (_, prepared) in settings.prepare(&mut loaded, &cli.apps, &chosen, mode)? {
        let graph = match flags.one::<String>("format").map(String::as_str) {
            Some("mermaid") => prepared.plan.to_mermaid(),
            _ => prepared.plan.to_dot(),
        };
        print(&graph)?;
    }
    Ok(exit::OK.into())
}
