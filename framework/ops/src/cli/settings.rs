//! What every command that starts or checks topologies reads first.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actix_web::rt::{System, SystemRunner};
use clap::ArgMatches;
use squall_topology::{AdminSettings, Config, EngineSettings};

use crate::data_dir::DataDir;
use crate::{App, Flags, Launch, Prepared, StartError};

/// Taken if it is there and no other file is named.
const CONFIG_FILE: &str = "squall.toml";

const DATA_DIR_VARIABLE: &str = "SQUALL_DATA_DIR";

const DATA_DIR: &str = "squall-data";

/// The configuration, and what every topology shares.
pub(super) struct Settings<'a> {
    flags: Flags<'a>,
    pub(super) config: Config,
    pub(super) file: Option<PathBuf>,
    pub(super) engine: EngineSettings,
    pub(super) admin: AdminSettings,
    pub(super) data_dir: DataDir,
    pub(super) system: SystemRunner,
}

/// How topologies are prepared.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) listen: Option<SocketAddr>,
    pub(super) named: bool,
    pub(super) dry: bool,
}

/// A topology that is ready to start, with the app that brought it.
pub(super) type Ready<'a> = (&'a dyn App, Prepared);

impl<'a> Settings<'a> {
    /// Reads the configuration: defaults, then file, then environment, then flags.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not TOML.
    pub(super) fn read(args: &'a ArgMatches) -> Result<Self, StartError> {
        let flags = Flags::new(args);
        let file = flags
            .one::<PathBuf>("config")
            .cloned()
            .or_else(|| Path::new(CONFIG_FILE).exists().then(|| PathBuf::from(CONFIG_FILE)));
        let sets: Vec<String> = args.get_many("set").into_iter().flatten().cloned().collect();
        let mut config = Config::load(file.as_deref(), squall_topology::config::environment(), &sets)?;
        let engine: EngineSettings = config.section_or_default("engine");
        let admin: AdminSettings = config.section_or_default("admin");
        let data_dir = flags
            .one::<PathBuf>("data-dir")
            .cloned()
            .or_else(|| env::var_os(DATA_DIR_VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from))
            .or_else(|| engine.data_dir.clone())
            .unwrap_or_else(|| DATA_DIR.into());
        Ok(Self {
            flags,
            config,
            file,
            engine,
            admin,
            data_dir: DataDir::new(data_dir),
            system: System::new(),
        })
    }

    /// The flags of the command.
    pub(super) fn flags(&self) -> Flags<'a> {
        self.flags
    }

    /// Prepares the chosen topologies, and refuses what is wrong in the configuration.
    ///
    /// # Errors
    ///
    /// All faults of the configuration, or the first topology that cannot be prepared for another reason.
    pub(super) fn prepare<'b>(
        &mut self,
        known: &'b [Box<dyn App>],
        chosen: &[&'b dyn App],
        mode: Mode,
    ) -> Result<Vec<Ready<'b>>, StartError> {
        for app in known.iter().filter(|app| chosen.iter().all(|chosen| chosen.name() != app.name())) {
            self.ignore(app.as_ref());
        }
        let mut ready = Vec::new();
        let mut refused = None;
        for &app in chosen {
            match self.prepare_one(app, mode) {
                Ok(prepared) => ready.push((app, prepared)),
                // The other sections are read all the same, so that all faults are told at once.
                Err(StartError::Config(fault)) => {
                    refused = refused.or(Some(fault));
                    self.ignore(app);
                }
                Err(other) => return Err(other),
            }
        }
        match (refused, self.config.finish()) {
            (_, Err(faults)) => Err(faults.into()),
            (Some(fault), Ok(())) => Err(StartError::Config(fault)),
            (None, Ok(())) => Ok(ready),
        }
    }

    /// Accepts the sections of a topology unread.
    fn ignore(&mut self, app: &dyn App) {
        app.sections().iter().for_each(|section| self.config.ignore(section));
        self.config.ignore(&format!("topology.{}", app.name()));
    }

    fn prepare_one(&mut self, app: &dyn App, mode: Mode) -> Result<Prepared, StartError> {
        let mut launch = Launch {
            config: &mut self.config,
            flags: self.flags,
            data_dir: &mut self.data_dir,
            system: &self.system,
            listen: mode.listen,
            named: mode.named,
            dry: mode.dry,
        };
        let mut prepared = app.prepare(&mut launch)?;
        let settings = self.config.topology(app.name(), &prepared.plan.component_names())?;
        prepared.plan.configure(&settings)?;
        Ok(prepared)
    }
}

/// Finds the topologies with these names, each once.
///
/// # Errors
///
/// One of them is unknown; the sentence says which are known, and which was probably meant.
pub(super) fn choose<'b>(
    known: &'b [Box<dyn App>],
    names: &[String],
) -> Result<Vec<&'b dyn App>, StartError> {
    let mut chosen: Vec<&dyn App> = Vec::new();
    for name in names {
        let Some(app) = known.iter().find(|app| app.name() == name) else {
            return Err(unknown(known, name));
        };
        if chosen.iter().all(|chosen| chosen.name() != name) {
            chosen.push(app.as_ref());
        }
    }
    Ok(chosen)
}

fn unknown(known: &[Box<dyn App>], name: &str) -> StartError {
    let names: Vec<&str> = known.iter().map(|app| app.name()).collect();
    let nearest = names
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), *known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    StartError::usage(match nearest {
        Some((_, nearest)) => format!("there is no topology `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no topology `{name}`; there are: {}", names.join(", ")),
    })
}
