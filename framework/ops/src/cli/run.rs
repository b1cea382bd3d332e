//! `squall run`: prepares, starts, and waits for the end.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::Cli;
use super::choose::choose;
use crate::http::Listener;
use crate::process::Process;
use crate::reload::Watch;
use crate::settings::{Loaded, Mode, Settings};
use crate::{App, StartError, logging, open_files};

/// How long a process that can take over from another one waits for its data directory: longer than a drain.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the topologies that were named, or all.
pub(super) fn run(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let names: Vec<String> = args.get_many("topology").into_iter().flatten().cloned().collect();
    let named = !names.is_empty();
    let chosen =
        if named { choose(&cli.apps, &names)? } else { cli.apps.iter().map(AsRef::as_ref).collect() };
    if chosen.is_empty() {
        return Err(StartError::usage("this binary has no topology to run"));
    }
    refuse_flags_of_others(cli, &chosen, args)?;
    logging::start()?;
    open_files::allow_more();

    let watch = Watch::new(Settings::new(args)?.path());
    let (mut settings, mut loaded) = Settings::read(args)?;
    // A wrong configuration is refused before anything is opened, created or bound.
    settings.prepare(&mut loaded, &cli.apps, &chosen, Mode { listen: None, named, dry: true })?;
    let listener = listener(&settings, &loaded, &chosen)?;
    let listen = listener.as_ref().map(Listener::addr);
    settings.handed = listen.filter(|_| listener.as_ref().is_some_and(Listener::is_handed));
    settings.wanted_access(&loaded.admin)?;
    if listener.as_ref().is_some_and(Listener::may_succeed) {
        settings.data_dir.set_patience(PATIENCE);
    }
    let mode = Mode { listen, named, dry: false };
    let ready = settings.prepare(&mut loaded, &cli.apps, &chosen, mode)?;
    let process = Process {
        name: cli.name.clone(),
        version: cli.version.clone(),
        known: &cli.apps,
        settings,
        loaded,
        ready,
        mode,
        listener,
        watch,
    };
    process.run().map(ExitCode::from)
}

/// Takes the socket that was handed over, or binds the port, unless everything that runs ends by itself and nobody asked for one.
fn listener(
    settings: &Settings<'_>,
    loaded: &Loaded,
    chosen: &[&dyn App],
) -> Result<Option<Listener>, StartError> {
    let flags = settings.flags();
    let is_asked_for = flags.one::<SocketAddr>("listen").is_some();
    if let Some(handed) = Listener::handed()? {
        if is_asked_for || flags.is_set("share-port") {
            return Err(StartError::usage(format!(
                "a socket was handed over that listens on {}; leave --listen and --share-port out, or unset LISTEN_FDS",
                handed.addr(),
            )));
        }
        return Ok(Some(handed));
    }
    if !is_asked_for && chosen.iter().all(|app| app.is_finite(flags)) {
        return Ok(None);
    }
    let addr = settings.wanted_listen(&loaded.admin);
    let shares = settings.shares_port(&loaded.admin);
    if shares { Listener::share(addr).map(Some) } else { Listener::bind(addr).map(Some) }
}

/// A flag of a topology that does not run would do nothing, and its user would wonder.
fn refuse_flags_of_others(cli: &Cli, chosen: &[&dyn App], args: &ArgMatches) -> Result<(), StartError> {
    let others = cli.apps.iter().filter(|app| chosen.iter().all(|chosen| chosen.name() != app.name()));
    for app in others {
        for arg in app.run_args() {
            if args.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine) {
                let flag = arg.get_long().unwrap_or_else(|| arg.get_id().as_str());
                return Err(StartError::usage(format!(
                    "--{flag} belongs to `{0}`, which is not among the topologies to run; add `{0}`, or leave it out",
                    app.name(),
                )));
            }
        }
    }
    Ok(())
}
