//! What every command that starts or checks topologies reads first.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actix_web::rt::{System, SystemRunner};
use clap::ArgMatches;
use squall_topology::{AdminSettings, Config, EngineSettings, Secret};

use crate::access::Access;
use crate::app::Kept;
use crate::check::{AllSettings, Known};
use crate::data_dir::DataDir;
use crate::{App, Flags, Launch, Prepared, StartError, own_token};

/// Taken if it is there and no other file is named.
const CONFIG_FILE: &str = "squall.toml";

const DATA_DIR_VARIABLE: &str = "SQUALL_DATA_DIR";

const DATA_DIR: &str = "squall-data";

/// What holds as long as the process lives: its flags, its data directory, its runtime.
pub(crate) struct Settings<'a> {
    flags: Flags<'a>,
    /// Of `--set`.
    sets: Vec<String>,
    /// The configuration that was read at the start.
    pub(crate) file: Option<PathBuf>,
    pub(crate) data_dir: DataDir,
    pub(crate) system: SystemRunner,
    kept: Kept,
    /// What the process shows when it asks itself.
    pub(crate) own_token: Secret,
    /// Where a socket listens that was handed over.
    pub(crate) handed: Option<SocketAddr>,
}

/// A configuration as it was read at one moment.
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) engine: EngineSettings,
    pub(crate) admin: AdminSettings,
    pub(crate) checks: AllSettings,
}

/// How topologies are prepared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) named: bool,
    pub(crate) dry: bool,
}

/// A topology that is ready to start, with the app that brought it.
pub(crate) type Ready<'a> = (&'a dyn App, Prepared);

impl<'a> Settings<'a> {
    /// Reads the flags, and the configuration for the first time.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not TOML.
    pub(crate) fn read(args: &'a ArgMatches) -> Result<(Self, Loaded), StartError> {
        let mut settings = Self::new(args)?;
        let loaded = load(settings.file.as_deref(), &settings.sets)?;
        settings.data_dir = DataDir::new(data_dir(settings.flags, &loaded.engine));
        Ok((settings, loaded))
    }

    /// Reads only the flags.
    ///
    /// # Errors
    ///
    /// The operating system refuses chance.
    pub(crate) fn new(args: &'a ArgMatches) -> Result<Self, StartError> {
        let flags = Flags::new(args);
        let file = flags.one::<PathBuf>("config").cloned();
        let file = file.or_else(|| Path::new(CONFIG_FILE).exists().then(|| PathBuf::from(CONFIG_FILE)));
        let sets: Vec<String> =
            args.try_get_many("set").ok().flatten().into_iter().flatten().cloned().collect();
        let data_dir = DataDir::new(data_dir(flags, &EngineSettings::default()));
        let (system, kept) = (System::new(), Kept::new());
        Ok(Self { flags, sets, file, data_dir, system, kept, own_token: own_token::new()?, handed: None })
    }

    /// Reads the configuration again: defaults, then file, then environment, then flags.
    ///
    /// # Errors
    ///
    /// The file cannot be read any more, or is not TOML.
    pub(crate) fn load(&self) -> Result<Loaded, StartError> {
        load(Some(self.path()).filter(|path| self.file.is_some() || path.exists()), &self.sets)
    }

    /// Where the configuration is, or would be if there were one.
    pub(crate) fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(CONFIG_FILE))
    }

    /// The flags of the command.
    pub(crate) fn flags(&self) -> Flags<'a> {
        self.flags
    }

    /// Where data would lie if the process started with this configuration.
    pub(crate) fn wanted_data_dir(&self, engine: &EngineSettings) -> PathBuf {
        data_dir(self.flags, engine)
    }

    /// Whether somebody said where data lies: who only wants to look keeps nothing in a folder that nobody named.
    #[cfg(feature = "history")]
    pub(crate) fn names_data_dir(&self, engine: &EngineSettings) -> bool {
        self.wanted_data_dir(engine) != Path::new(DATA_DIR)
    }

    /// Where the process would listen if it started with this configuration.
    pub(crate) fn wanted_listen(&self, admin: &AdminSettings) -> SocketAddr {
        self.handed.or_else(|| self.flags.one("listen").copied()).unwrap_or(admin.listen)
    }

    /// Who might do what over HTTP if the process started with this configuration.
    ///
    /// # Errors
    ///
    /// Other machines would reach it without a token, or the token cannot be read.
    pub(crate) fn wanted_access(&self, admin: &AdminSettings) -> Result<Access, StartError> {
        let access = Access::new(admin, self.wanted_listen(admin));
        access.map_err(|fault| StartError::config(format!("[admin] {}: {}", fault.key, fault.why)))
    }

    /// Refuses an `[admin]` that would let in everybody, at its place.
    fn check_access(&self, loaded: &mut Loaded) {
        let listen = self.wanted_listen(&loaded.admin);
        let Err(fault) = Access::new(&loaded.admin, listen) else { return };
        // What the flag says does not stand in the file.
        let is_said = fault.key != "listen" || listen == loaded.admin.listen;
        let path: &[&str] = if is_said { &["admin", fault.key] } else { &[] };
        loaded.config.refuse(path, fault.why);
    }

    /// Whether others may listen at the same port, if the process started with this configuration.
    pub(crate) fn shares_port(&self, admin: &AdminSettings) -> bool {
        self.flags.is_set("share-port") || admin.share_port
    }

    /// Nothing that apps keep is needed any more.
    pub(crate) fn forget(&mut self) {
        self.kept.clear();
    }

    /// Prepares the chosen topologies, and refuses what is wrong in the configuration.
    ///
    /// # Errors
    ///
    /// All faults of the configuration, or the first topology that cannot be prepared for another reason.
    pub(crate) fn prepare<'b>(
        &mut self,
        loaded: &mut Loaded,
        known: &'b [Box<dyn App>],
        chosen: &[&'b dyn App],
        mode: Mode,
    ) -> Result<Vec<Ready<'b>>, StartError> {
        for app in known.iter().filter(|app| chosen.iter().all(|chosen| chosen.name() != app.name())) {
            loaded.ignore(app.as_ref());
        }
        let mut ready = Vec::new();
        let mut refused = None;
        for &app in chosen {
            match self.prepare_one(loaded, app, mode) {
                Ok(prepared) => ready.push((app, prepared)),
                // The other sections are read all the same, so that all faults are told at once.
                Err(fault @ (StartError::Faults(_) | StartError::Config(_))) => {
                    refused = refused.or(Some(fault));
                }
                Err(other) => return Err(other),
            }
        }
        self.check_access(loaded);
        check_checks(loaded, known, &ready, refused.is_none());
        loaded.config.finish()?;
        refused.map_or(Ok(ready), Err)
    }

    /// Prepares one topology.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration, which remembers it; or another reason why the topology cannot be prepared.
    pub(crate) fn prepare_one(
        &mut self,
        loaded: &mut Loaded,
        app: &dyn App,
        mode: Mode,
    ) -> Result<Prepared, StartError> {
        let config = &mut loaded.config;
        let mut launch = Launch {
            config,
            flags: self.flags,
            data_dir: &mut self.data_dir,
            system: &self.system,
            kept: &mut self.kept,
            listen: mode.listen,
            own_token: &self.own_token,
            named: mode.named,
            dry: mode.dry,
        };
        match app.prepare(&mut launch) {
            Ok(mut prepared) => {
                config.configure(&mut prepared.plan)?;
                Ok(prepared)
            }
            Err(error) => {
                app.sections().iter().for_each(|section| config.ignore(section.name()));
                config.skim_topology(app.name());
                if let StartError::Config(sentence) = &error {
                    config.refuse(&[], sentence);
                }
                Err(error)
            }
        }
    }
}

impl Loaded {
    /// A configuration that says nothing.
    pub(crate) fn empty() -> Self {
        Self::from(Config::empty())
    }

    /// Accepts the sections of a topology unread.
    fn ignore(&mut self, app: &dyn App) {
        app.sections().iter().for_each(|section| self.config.ignore(section.name()));
        self.config.ignore(&format!("topology.{}", app.name()));
    }
}

impl From<Config> for Loaded {
    fn from(mut config: Config) -> Self {
        let (engine, admin) = (config.section_or_default("engine"), config.section_or_default("admin"));
        let checks = config.section_or_default("checks");
        Self { config, engine, admin, checks }
    }
}

/// Refuses settings of checks that speak of what is not there, at their places.
fn check_checks(loaded: &mut Loaded, known: &[Box<dyn App>], ready: &[Ready<'_>], are_all_ready: bool) {
    let there = self::known(known, ready);
    // What one brings that cannot be prepared is not known.
    let faults = if are_all_ready { there.faults(&loaded.checks) } else { Vec::new() };
    for (path, why) in faults {
        let path: Vec<&str> = ["checks"].into_iter().chain(path.iter().map(String::as_str)).collect();
        loaded.config.refuse(&path, why);
    }
}

/// What settings of checks may speak of.
pub(crate) fn known(apps: &[Box<dyn App>], ready: &[Ready<'_>]) -> Known {
    let mut known = Known::built_in();
    apps.iter().for_each(|app| known.add(app.name()));
    for (app, prepared) in ready {
        let components = prepared.plan.component_names().into_iter().map(str::to_owned).collect();
        known.add_running(app.name(), components, &prepared.checks);
    }
    known
}

fn load(file: Option<&Path>, sets: &[String]) -> Result<Loaded, StartError> {
    Ok(Config::load(file, squall_topology::config::environment(), sets)?.into())
}

/// Flag, then variable, then configuration.
fn data_dir(flags: Flags<'_>, engine: &EngineSettings) -> PathBuf {
    flags
        .one::<PathBuf>("data-dir")
        .cloned()
        .or_else(|| env::var_os(DATA_DIR_VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from))
        .or_else(|| engine.data_dir.clone())
        .unwrap_or_else(|| DATA_DIR.into())
}
