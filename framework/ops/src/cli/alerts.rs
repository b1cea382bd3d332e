//! `squall alerts export`: the checks, as rules of Prometheus and routes of Alertmanager.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::ArgMatches;

use super::Cli;
use super::print::print;
use crate::check::{self, Check, Rules};
use crate::rules::{self, About};
use crate::settings::{Mode, Settings};
use crate::{App, StartError, exit};

/// The names under which both are written into a folder.
const FILES: [(&str, &str); 2] = [("prometheus", "squall.rules.yml"), ("alertmanager", "alertmanager.yml")];

/// Prints one of both, or writes both into a folder.
pub(super) fn alerts(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let Some(("export", args)) = args.subcommand() else {
        return Err(StartError::usage("`alerts` needs a command: `export`"));
    };
    let checks = checks(cli, args)?;
    let text = |name: &str| args.get_one::<String>(name).cloned().unwrap_or_default();
    let url = text("url").trim_end_matches('/').to_owned();
    let about = About { product: cli.name.clone(), job: text("job"), url };
    let write = |what: &str| match what {
        "prometheus" => rules::prometheus(&checks, &about),
        _ => rules::alertmanager(&about),
    };
    match (args.get_one::<PathBuf>("dir"), args.get_one::<String>("what")) {
        (Some(dir), None) => FILES.iter().try_for_each(|(what, file)| save(&dir.join(file), &write(what)))?,
        (None, Some(what)) => print(&write(what))?,
        (Some(_), Some(_)) => return Err(StartError::usage("both files are written with --dir: name none")),
        (None, None) => {
            return Err(StartError::usage("name `prometheus` or `alertmanager`, or a folder with --dir DIR"));
        }
    }
    Ok(exit::OK.into())
}

/// What is checked under the configuration that was named.
fn checks(cli: &Cli, args: &ArgMatches) -> Result<Vec<Check>, StartError> {
    let (mut settings, mut loaded) = Settings::read(args)?;
    let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
    let mode = Mode { listen: None, named: false, dry: true };
    let ready = settings.prepare(&mut loaded, &cli.apps, &all, mode)?;
    let brought: Vec<Check> = ready.into_iter().flat_map(|(_, prepared)| prepared.checks).collect();
    Ok(Rules::new(loaded.checks).apply(SystemTime::now(), check::built_in().iter().chain(&brought)))
}

fn save(path: &Path, text: &str) -> Result<(), StartError> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|error| StartError::unavailable(format!("cannot write {}: {error}", path.display())))?;
    print(&format!("wrote {}\n", path.display()))
}
