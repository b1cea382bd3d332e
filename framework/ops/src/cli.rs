//! The command line.

mod alerts;
mod ask;
mod check;
mod choose;
mod colour;
mod completions;
mod config;
mod ctl;
mod events;
mod graph;
mod help;
pub mod json;
mod line;
mod print;
mod progress;
mod run;
mod schema;
mod spec;
pub mod table;
mod tap;
#[cfg(test)]
mod tests;
mod thresholds;
mod validate;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{App, Command, StartError, exit};
pub use ask::confirm;
pub use help::with_examples;
pub(crate) use line::Line;
pub use line::quoted;
pub use print::{print, print_next};
pub use progress::Progress;

/// Runs a binary whose topologies are `apps`, under the name that its file has, and returns its exit code.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     squall_ops::cli::main(vec![])
/// }
/// ```
pub fn main(apps: Vec<Box<dyn App>>) -> ExitCode {
    let file = std::env::args_os().next().map(PathBuf::from);
    let name = file.as_deref().and_then(Path::file_stem).and_then(OsStr::to_str).unwrap_or("squall");
    Cli::new(apps).named(name, env!("CARGO_PKG_VERSION")).main()
}

/// The command line of a binary: its topologies, and what can be done with them.
///
/// `run`, `check`, `validate`, `graph`, `schema`, `config`, `ctl`, `tap`, `events`, `alerts`, `thresholds` and `completions`
/// are always there; topologies and [`command`](Self::command) bring more.
///
/// ```
/// use squall_ops::{Cli, exit};
///
/// let code = Cli::new(vec![]).named("word-count", "1.0.0").main_from(["word-count", "--no-such-flag"]);
///
/// assert_eq!(code, exit::USAGE.into());
/// ```
pub struct Cli {
    name: String,
    version: String,
    apps: Vec<Box<dyn App>>,
    commands: Vec<Box<dyn Command>>,
}

impl Cli {
    /// A binary that knows these topologies.
    pub fn new(apps: Vec<Box<dyn App>>) -> Self {
        let commands = apps.iter().flat_map(|app| app.commands()).collect();
        Self { name: "squall".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), apps, commands }
    }

    /// Says what the binary is called, if not `squall`, and which version it is.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.name = name.into();
        self.version = version.into();
        self
    }

    /// Adds a sub-command that belongs to no topology.
    #[must_use]
    pub fn command(mut self, command: Box<dyn Command>) -> Self {
        self.commands.push(command);
        self
    }

    /// Does what the arguments of the process say, and returns the exit code.
    pub fn main(&self) -> ExitCode {
        self.main_from(std::env::args_os())
    }

    /// Does what these arguments say; the first is the name of the program.
    pub fn main_from(&self, args: impl IntoIterator<Item = impl Into<OsString>>) -> ExitCode {
        let args = spec::with_default_command(args.into_iter().map(Into::into).collect());
        let is_plugin = args.get(1).is_some_and(|command| command == "check");
        let colours = colour::choose(&args);
        let matches = match spec::spec(self).color(colours).try_get_matches_from(args) {
            Ok(matches) => matches,
            Err(error) => return answered(&error, is_plugin),
        };
        let done = match matches.subcommand() {
            Some(("run", args)) => run::run(self, args),
            Some(("check", args)) => check::check(args),
            Some(("validate", args)) => validate::validate(self, args),
            Some(("graph", args)) => graph::graph(self, args),
            Some(("alerts", args)) => alerts::alerts(self, args),
            Some(("thresholds", args)) => thresholds::thresholds(self, args),
            Some(("schema", args)) => schema::schema(self, args),
            Some(("config", args)) => config::config(self, args),
            Some(("ctl", args)) => ctl::ctl(args),
            Some(("tap", args)) => tap::tap(args),
            Some(("events", args)) => events::events(args),
            Some(("completions", args)) => completions::completions(self, args),
            Some((name, args)) => {
                match self.commands.iter().find(|command| command.spec().get_name() == name) {
                    Some(command) => command.run(args),
                    None => Err(StartError::usage(format!("there is no command `{name}`"))),
                }
            }
            None => Err(StartError::usage("there is no command")),
        };
        done.unwrap_or_else(|error| report(&error))
    }
}

impl std::fmt::Debug for Cli {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let apps: Vec<&str> = self.apps.iter().map(|app| app.name()).collect();
        f.debug_struct("Cli").field("name", &self.name).field("apps", &apps).finish_non_exhaustive()
    }
}

/// Prints help, the version, or what is wrong with the arguments.
///
/// Of a plugin of Nagios the usual code would say that something is critical.
fn answered(error: &clap::Error, is_plugin: bool) -> ExitCode {
    let printed = error.print();
    if error.use_stderr() {
        // Nobody is left to be told if standard error cannot be written to.
        return if is_plugin { exit::PLUGIN_UNKNOWN } else { exit::USAGE }.into();
    }
    match print::written(printed) {
        Ok(()) => exit::OK.into(),
        Err(error) => report(&error),
    }
}

/// Says why nothing was started, and returns the exit code that belongs to it.
fn report(error: &StartError) -> ExitCode {
    let text = error.to_string();
    // Faults of a configuration come with their own heads, one each.
    if text.starts_with("error") {
        eprintln!("{text}")
    } else {
        anstream::eprintln!("{}: {text}", colour::in_style(colour::BAD, "error"))
    }
    error.code().into()
}
