//! `squall graph`: the graph of a topology, for eyes and for tools.

use std::process::ExitCode;

use clap::ArgMatches;

use super::Cli;
use super::choose::choose;
use super::json;
use super::print::print;
use crate::admin::Graph;
use crate::settings::{Mode, Settings};
use crate::{StartError, exit};

/// Prints the graph of one topology on standard output.
pub(super) fn graph(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let flags = settings.flags();
    let names: Vec<String> = flags.one("topology").cloned().into_iter().collect();
    let chosen = choose(&cli.apps, &names)?;
    let mode = Mode { listen: None, named: true, dry: true };
    let is_json = json::is_wanted(args);
    for (_, prepared) in settings.prepare(&mut loaded, &cli.apps, &chosen, mode)? {
        let graph = match flags.one::<String>("format").map(String::as_str) {
            format if is_json || format == Some("json") => {
                json::print_object("graph", Graph::of(&prepared.plan))?;
                continue;
            }
            Some("mermaid") => prepared.plan.to_mermaid(),
            _ => prepared.plan.to_dot(),
        };
        print(&graph)?;
    }
    Ok(exit::OK.into())
}
