//! `squall validate`: checks everything, starts nothing.

use std::process::ExitCode;

use clap::ArgMatches;
use serde::Serialize;
use serde_json::Value;

use super::print::print;
use super::{Cli, json};
use crate::reload;
use crate::settings::{Mode, Settings};
use crate::{App, StartError, exit};

/// Checks the configuration and the plans of all topologies.
pub(super) fn validate(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    match (check(cli, args), json::is_wanted(args)) {
        (Ok(valid), true) => json::print_object("validation", valid)?,
        (Ok(valid), false) => print(&valid.in_lines())?,
        (Err(error), true) => {
            json::print_object("validation", Invalid::new(&error))?;
            return Ok(error.code().into());
        }
        (Err(error), false) => return Err(error),
    }
    Ok(exit::OK.into())
}

fn check(cli: &Cli, args: &ArgMatches) -> Result<Valid, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
    let ready =
        settings.prepare(&mut loaded, &cli.apps, &all, Mode { listen: None, named: false, dry: true })?;
    let topologies =
        ready.iter().map(|(app, prepared)| Topology { name: app.name(), warnings: prepared.plan.warnings() });
    let file = settings.file.as_ref().map(|file| file.display().to_string());
    Ok(Valid { valid: true, file, topologies: topologies.collect() })
}

/// A configuration that can be used.
#[derive(Serialize)]
struct Valid {
    valid: bool,
    file: Option<String>,
    topologies: Vec<Topology>,
}

/// What a topology says to its part of it.
#[derive(Serialize)]
struct Topology {
    name: &'static str,
    warnings: Vec<String>,
}

/// A configuration that cannot.
#[derive(Serialize)]
struct Invalid {
    valid: bool,
    /// All of it, as people read it.
    message: String,
    faults: Vec<Value>,
}

impl Valid {
    fn in_lines(&self) -> String {
        let names: Vec<&str> = self.topologies.iter().map(|topology| topology.name).collect();
        let what = self.file.as_deref().unwrap_or("no squall.toml here: the built-in configuration");
        let notes = self.topologies.iter().flat_map(|topology| {
            topology.warnings.iter().map(|warning| format!("note: {}: {warning}\n", topology.name))
        });
        format!("{what} is valid for {}\n{}", names.join(", "), notes.collect::<String>())
    }
}

impl Invalid {
    fn new(error: &StartError) -> Self {
        let faults = match error {
            StartError::Faults(error) => error.errors.iter().map(reload::fault).collect(),
            _ => Vec::new(),
        };
        Self { valid: false, message: error.to_string(), faults }
    }
}
