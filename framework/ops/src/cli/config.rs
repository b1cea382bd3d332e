//! `squall config`: what the configuration says, where, and what holds where it says nothing.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;
use squall_topology::Plan;

use super::help::with_examples;
use super::print::print;
use super::spec::common;
use super::table::{Cell, Table};
use super::{Cli, colour, json};
use crate::reload::Held;
use crate::settings::{Mode, Settings};
use crate::{App, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let command = Command::new("config")
        .about("Prints what the configuration says, and where; secrets are masked")
        .arg(
            Arg::new("resolved")
                .long("resolved")
                .action(ArgAction::SetTrue)
                .help("Also what holds where it says nothing"),
        )
        .arg(json::arg())
        .args(common());
    with_examples(command, product, &["config", "config --resolved --json -c squall.toml"])
}

#[derive(Serialize)]
struct Resolved {
    file: Option<String>,
    hash: String,
    values: Vec<Held>,
}

/// Reads the configuration as `run` would, and prints it.
pub(super) fn config(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
    let mode = Mode { listen: None, named: false, dry: true };
    let ready = settings.prepare(&mut loaded, &cli.apps, &all, mode)?;
    let mut values = Held::all(&settings, &loaded);
    if settings.flags().is_set("resolved") {
        for (app, prepared) in &ready {
            values.extend(numbers(app.name(), &prepared.plan, &values));
        }
    } else {
        values.retain(|held| held.place != "default");
    }
    let file = settings.file.as_ref().map(|file| file.display().to_string());
    if json::is_wanted(args) {
        json::print_object("config", Resolved { file, hash: loaded.config.sha256(), values })?;
    } else {
        print(&lines(&values))?;
    }
    Ok(exit::OK.into())
}

/// The numbers of all components that the configuration does not say one by one.
fn numbers(topology: &str, plan: &Plan, said: &[Held]) -> Vec<Held> {
    let place = |path: &str| said.iter().find(|said| said.path == path).map(|said| said.place.clone());
    let all = plan.components().iter().flat_map(|component| {
        component.numbers().into_iter().map(move |(setting, value)| {
            let path = format!("topology.{topology}.component.{}.{setting}", component.name);
            let whole = place(&format!("topology.{topology}.{setting}"));
            Held { path, value, place: whole.unwrap_or_else(|| "code".to_owned()) }
        })
    });
    all.filter(|held| place(&held.path).is_none()).collect()
}

fn lines(values: &[Held]) -> String {
    if values.is_empty() {
        return "# Nothing is said: everything is as it is built in. See --resolved.\n".to_owned();
    }
    let mut table = Table::default();
    for Held { path, value, place } in values {
        let place = Cell::text(format!("# {place}")).styled(colour::FAINT);
        table.row([Cell::text(path), Cell::text(format!("= {value}")), place]);
    }
    table.in_lines()
}
