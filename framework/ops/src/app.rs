//! What a binary brings: topologies and further sub-commands.

mod card;
mod flags;
mod form;
mod html;
mod launch;
mod page;
mod prepared;
mod section;
mod submitted;
mod view;

pub use card::Card;
pub use flags::Flags;
pub use form::Form;
pub use html::Html;
pub(crate) use launch::Kept;
pub use launch::Launch;
pub use page::Page;
pub use prepared::{Link, Prepared, Routes, Summary};
pub use section::Section;
pub use submitted::Submitted;
pub use view::View;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::StartError;

/// One topology that the binary can run.
///
/// ```
/// use squall_ops::{App, Launch, Prepared, StartError};
///
/// struct WordCount;
///
/// impl App for WordCount {
///     fn name(&self) -> &'static str {
///         "word-count"
///     }
///
///     fn about(&self) -> &'static str {
///         "Counts the words of the lines it is given"
///     }
///
///     fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
///         # fn word_count() -> Result<squall_topology::Plan, squall_topology::Invalid> {
///         #     squall_topology::TopologyBuilder::new("word-count").build()
///         # }
///         let plan = word_count()?;
///         let store = launch.data_dir()?.join("word-count.sqlite3");
///         Ok(Prepared::new(plan).banner(format!("word-count keeps its counts in {}", store.display())))
///     }
/// }
///
/// assert_eq!(WordCount.name(), "word-count");
/// ```
pub trait App: Send + Sync {
    /// The name of the topology, as in `squall run NAME` and `[topology.NAME]`.
    fn name(&self) -> &'static str;

    /// What it does, in one line without a stop: the help shows it.
    fn about(&self) -> &'static str;

    /// The flags that `squall run` takes for this topology.
    ///
    /// Their ids must be unique among all apps of a binary. A flag given while its topology is not run is refused.
    fn run_args(&self) -> Vec<clap::Arg> {
        Vec::new()
    }

    /// The sections of the configuration that [`prepare`](Self::prepare) reads, besides `[topology.NAME]`.
    ///
    /// They are accepted, unread, in a configuration under which this topology does not run. When one of them changes
    /// while the process runs, this topology is drained and prepared anew.
    fn sections(&self) -> Vec<Section> {
        Vec::new()
    }

    /// Whether the topology ends by itself when it is started with these flags.
    ///
    /// When all topologies of a run do, nothing listens unless `--listen` is given.
    fn is_finite(&self, flags: Flags<'_>) -> bool {
        let _ = flags;
        false
    }

    /// Further sub-commands that belong to this topology.
    fn commands(&self) -> Vec<Box<dyn Command>> {
        Vec::new()
    }

    /// Reads the sections of the configuration that are its own, opens its files and builds its plan.
    ///
    /// May block; for async set-up there is [`Launch::block_on`]. `[topology.NAME]` of the configuration is applied to
    /// the plan afterwards, by the caller; the plan has the name of the app. It is called again when a new configuration
    /// needs the topology to start anew: what must not be opened twice is kept with [`Launch::keep`].
    ///
    /// Faults of the configuration are told all at once if it goes on after one: with
    /// [`section_or_default`](squall_topology::Config::section_or_default) and
    /// [`refuse`](squall_topology::Config::refuse) instead of `?`.
    ///
    /// In a dry launch ([`Launch::is_dry`]) it builds the same plan, but opens, creates and sends nothing: that is what
    /// `squall validate` and `squall graph` do, and `squall run` once before the real launch, so that a wrong
    /// configuration is refused before anything has happened.
    ///
    /// # Errors
    ///
    /// One sentence for the person who started the process, with the exit code that its kind stands for.
    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError>;
}

/// A further sub-command of the binary.
pub trait Command: Send + Sync {
    /// Its name, its help and its flags.
    fn spec(&self) -> clap::Command;

    /// Does it, and returns the exit code of the process.
    ///
    /// # Errors
    ///
    /// One sentence for the person who called it, with the exit code that its kind stands for.
    fn run(&self, args: &ArgMatches) -> Result<ExitCode, StartError>;
}
