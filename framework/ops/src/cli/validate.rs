//! `squall validate`: checks everything, starts nothing.

use std::process::ExitCode;

use clap::ArgMatches;

use super::Cli;
use super::print::print;
use crate::settings::{Mode, Settings};
use crate::{App, StartError, exit};

/// Checks the configuration and the plans of all topologies.
pub(super) fn validate(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
    let ready =
        settings.prepare(&mut loaded, &cli.apps, &all, Mode { listen: None, named: false, dry: true })?;
    let names: Vec<&str> = ready.iter().map(|(app, _)| app.name()).collect();
    let what = match &settings.file {
        Some(file) => file.display().to_string(),
        None => "no squall.toml here: the built-in configuration".to_owned(),
    };
    print(&format!("{what} is valid for {}\n", names.join(", ")))?;
    for (app, prepared) in &ready {
        for warning in prepared.plan.warnings() {
            print(&format!("note: {}: {warning}\n", app.name()))?;
        }
    }
    Ok(exit::OK.into())
}
