//! One TOML document for everything: defaults < file < environment < flags.
//!
//! The document is parsed once, with the position of every value. Each part of the program then claims its section
//! as its own serde type; what is wrong there, and what nobody claimed, is shown at its line and column:
//!
//! ```
//! use squall_topology::{config::Config, settings::EngineSettings};
//!
//! let mut config = Config::parse("squall.toml", "[engine]\ndrain_deadline = 30\nthread = 4\n")?;
//! let error = config.section::<EngineSettings>("engine").unwrap_err();
//! assert_eq!(error.errors[0].place(), "squall.toml:2:18");
//! assert_eq!(error.errors[1].place(), "squall.toml:3:1");
//! assert_eq!(error.errors[1].help(), Some("did you mean `threads`?"));
//! # Ok::<(), squall_topology::config::ConfigError>(())
//! ```
//!
//! An environment variable spells a path with double underscores, `SQUALL__ENGINE__THREADS=4`, a flag with dots,
//! `--set topology.word-count.component.split.parallelism=8`. Their names match whatever their case, and `-` is `_`.
//! Their values are TOML if they parse as TOML, else strings. What an environment variable holds is never shown, nor are
//! names, passwords and tokens in URLs.
//!
//! Types of sections use `Option`, `#[serde(default)]`, the types of [`settings`](crate::settings), [`Secret`] for
//! secrets and [`Part`] for what a `type` chooses. Unknown keys are refused whether or not a type says
//! `deny_unknown_fields`. `flatten`, `untagged` and serde's internal tags work, but what is wrong inside them is
//! shown only at the table around.

mod diagnostic;
mod fault;
mod mask;
mod overrides;
pub(crate) mod part;
mod read;
mod said;
mod secret;
mod source;
mod topologies;
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::File,
    io::Read,
    path::Path,
};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use fault::Fault;
use overrides::Override;
use read::{Knowledge, Outcome};
use source::{Origin, Source, Span};
use tree::{Entry, Node, Nodes, Table, Value};

pub use diagnostic::{ConfigError, Diagnostic};
pub use part::Part;
pub use said::Said;
pub use secret::Secret;

/// The largest file that is read, in bytes.
pub const MAX_FILE_LEN: u64 = 1024 * 1024;

/// A configuration, of which the parts of a program claim their sections.
///
/// Every fault that comes up is remembered. A caller that wants to show all of them at once reads all sections
/// (see [`section_or_default`](Self::section_or_default)) and then asks [`finish`](Self::finish).
pub struct Config {
    sources: Vec<Source>,
    document: Node,
    environment: BTreeMap<String, String>,
    absent: BTreeMap<String, String>,
    /// Top-level sections, and topologies as `topology.NAME`.
    claimed: BTreeSet<String>,
    faults: Vec<Fault>,
    hidden: Vec<Span>,
    /// What the secrets of a section were when it was read.
    secrets: BTreeMap<String, Vec<Secret>>,
}

/// The environment of the process, without variables that are not UTF-8.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl Config {
    /// A configuration that says nothing.
    #[must_use]
    pub fn empty() -> Self {
        let document = Nodes::default().node(Span::new(0, 0..0), Value::Table(Table::default()));
        Self {
            sources: Vec::new(),
            document,
            environment: BTreeMap::new(),
            absent: BTreeMap::new(),
            claimed: BTreeSet::new(),
            faults: Vec::new(),
            hidden: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// Reads a configuration from a text; `name` stands for the file in messages. It has no environment, not even for
    /// secrets.
    ///
    /// # Errors
    /// All faults of syntax.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        Self::merge(Some((name, text.to_owned())), [], &[])
    }

    /// Reads a file, if there is one, and puts environment variables and then flags (`path=value`) on top.
    ///
    /// # Errors
    /// A file that cannot be read, has more than [`MAX_FILE_LEN`] bytes or is not UTF-8; all faults of syntax; a
    /// variable or a flag without a proper path.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        sets: &[String],
    ) -> Result<Self, ConfigError> {
        let file = match path {
            None => None,
            Some(path) => {
                let text = read_file(path).map_err(|problem| alone(&Fault::new(problem)))?;
                Some((path.display().to_string(), text))
            }
        };
        let file = file.as_ref().map(|(name, text)| (name.as_str(), text.clone()));
        Self::merge(file, environment, sets)
    }

    fn merge(
        file: Option<(&str, String)>,
        environment: impl IntoIterator<Item = (String, String)>,
        sets: &[String],
    ) -> Result<Self, ConfigError> {
        let mut config = Self::empty();
        config.environment = environment.into_iter().collect();
        let mut nodes = Nodes::default();
        let mut table = Table::default();
        let mut faults = Vec::new();
        if let Some((name, text)) = file {
            let (parsed, errors) = DeTable::parse_recoverable(&text);
            for error in errors {
                let span = Span::new(0, error.span().unwrap_or(0..0));
                faults.push(Fault::new(error.message()).at(span));
            }
            table = nodes.read_table(0, parsed.into_inner(), false);
            config.sources.push(Source { origin: Origin::File(name.to_owned()), text });
        }
        let variables =
            config.environment.iter().filter_map(|(name, value)| Override::from_variable(name, value));
        let flags = sets.iter().map(|flag| Override::from_flag(flag));
        for given in variables.map(Ok).chain(flags) {
            let applied = given.and_then(|given| given.apply(&mut table, &mut nodes, &mut config.sources));
            faults.extend(applied.err());
        }
        config.document = nodes.node(Span::new(0, 0..0), Value::Table(table));
        hide_sensitive(&config.document, &mut config.hidden);
        config.faults = faults;
        if config.faults.is_empty() { Ok(config) } else { Err(config.error(&config.faults)) }
    }

    /// Claims the top-level section `name` and reads it; `None` if there is none.
    ///
    /// # Errors
    /// All faults of the section: wrong values, unknown keys, missing keys.
    pub fn section<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, ConfigError> {
        self.claimed.insert(name.to_owned());
        match self.entry(name) {
            None => Ok(None),
            Some(entry) => {
                let Outcome { value, faults, hidden, secrets } = read::read(&entry.node, self.knowledge());
                self.hidden.extend(hidden);
                self.secrets.insert(name.to_owned(), secrets.into_iter().map(Secret::new).collect());
                if faults.is_empty() { Ok(value) } else { Err(self.remember(faults)) }
            }
        }
    }

    /// Claims the section `name` and reads it; the default if there is none or it is at fault. [`finish`](Self::finish)
    /// tells the faults.
    pub fn section_or_default<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        self.section(name).ok().flatten().unwrap_or_default()
    }

    /// Claims the section `name`, a table of named parts each of which has a `type`; empty if there is none.
    ///
    /// `T` is as for [`Part`]: a trait object of typetag, or an enum.
    ///
    /// # Errors
    /// All faults of the parts, each at its very value.
    pub fn parts<T: DeserializeOwned>(&mut self, name: &str) -> Result<BTreeMap<String, T>, ConfigError> {
        let parts: BTreeMap<String, Part<T>> = self.section(name)?.unwrap_or_default();
        Ok(parts.into_iter().map(|(name, part)| (name, part.0)).collect())
    }

    /// Claims the section `name`, a table of named parts, and reads it; empty if there is none or one is at fault.
    /// [`finish`](Self::finish) tells the faults.
    pub fn parts_or_default<T: DeserializeOwned>(&mut self, name: &str) -> BTreeMap<String, T> {
        self.parts(name).unwrap_or_default()
    }

    /// Says that parts with this `type` exist, but need a feature that this build does not have: whoever asks for one is
    /// told so, and not that there is none.
    ///
    /// ```
    /// # use serde::Deserialize;
    /// use squall_topology::config::Config;
    ///
    /// #[derive(Debug, Deserialize)]
    /// #[serde(rename_all = "lowercase")]
    /// enum Source { File { path: String } }
    ///
    /// let mut config = Config::parse("squall.toml", "[sources.orders]\ntype = 'kafka'")?;
    /// config.without("kafka", "kafka");
    /// let error = config.parts::<Source>("sources").unwrap_err();
    /// assert_eq!(error.errors[0].message(), "type `kafka` is not here: built without `kafka`");
    /// assert_eq!(error.errors[0].place(), "squall.toml:2:8");
    /// # Ok::<(), squall_topology::config::ConfigError>(())
    /// ```
    pub fn without(&mut self, kind: impl Into<String>, feature: impl Into<String>) {
        self.absent.insert(kind.into(), feature.into());
    }

    /// Whether there is a value at `path`.
    pub fn contains(&self, path: &[&str]) -> bool {
        self.find(path).is_some()
    }

    /// Refuses the value at `path` for a reason that its type does not know, such as a name that is taken.
    /// [`finish`](Self::finish) tells it among the other faults.
    ///
    /// An empty path stands for the configuration as a whole.
    pub fn refuse(&mut self, path: &[&str], why: impl Into<String>) {
        let mut fault = Fault::new(why);
        let mut node = Some(&self.document);
        for key in path {
            let entry = node.and_then(Node::table).and_then(|table| table.get(key));
            fault.span = entry.map(|entry| entry.key_span).or(fault.span);
            node = entry.map(|entry| &entry.node);
        }
        self.faults.push(fault);
    }

    /// Whether the section `name` says something else in `other`, or one of its secrets is another.
    ///
    /// Where and how it is written does not count.
    pub fn differs(&self, other: &Self, name: &str) -> bool {
        let secrets = |config: &Self| config.secrets.get(name).cloned().unwrap_or_default();
        let same = match (self.entry(name), other.entry(name)) {
            (Some(here), Some(there)) => here.node.says_the_same_as(&there.node),
            (here, there) => here.is_none() && there.is_none(),
        };
        !same || secrets(self) != secrets(other)
    }

    /// Claims a section, or one topology as `topology.NAME`, without reading it: it belongs to something that this
    /// program knows but does not run now.
    pub fn ignore(&mut self, name: &str) {
        self.claimed.insert(name.to_owned());
    }

    /// Refuses what nobody claimed.
    ///
    /// # Errors
    /// Sections and topologies that nobody claimed, and all faults of all sections that were read, in the order of the
    /// file.
    pub fn finish(&self) -> Result<(), ConfigError> {
        let mut faults = self.faults.clone();
        let topologies: Vec<&str> =
            self.claimed.iter().filter_map(|name| name.strip_prefix("topology.")).collect();
        for entry in self.document.table().into_iter().flat_map(|table| &table.0) {
            if self.claimed.iter().any(|name| entry.is_called(name)) {
                continue;
            }
            if topologies.is_empty() || !entry.is_called("topology") {
                faults.push(unknown("section", entry, &self.sections()));
            } else if let Some(table) = entry.node.table() {
                let unclaimed =
                    table.0.iter().filter(|entry| !topologies.iter().any(|name| entry.is_called(name)));
                faults.extend(unclaimed.map(|entry| unknown("topology", entry, &topologies)));
            } else {
                faults.push(Fault::new("expected a table of topologies").at(entry.node.span));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(self.error(&faults)) }
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.document.table().and_then(|table| table.get(name))
    }

    fn knowledge(&self) -> Knowledge<'_> {
        Knowledge { environment: &self.environment, absent: &self.absent }
    }

    /// The top-level sections that are known.
    fn sections(&self) -> Vec<&str> {
        let top = self.claimed.iter().map(|name| name.split_once('.').map_or(name.as_str(), |(top, _)| top));
        top.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn remember(&mut self, faults: Vec<Fault>) -> ConfigError {
        let error = self.error(&faults);
        self.faults.extend(faults);
        error
    }

    fn error(&self, faults: &[Fault]) -> ConfigError {
        let mut sorted: Vec<&Fault> = faults.iter().collect();
        sorted.sort_by_key(|fault| fault.span);
        let show = |fault: &&Fault| Diagnostic::new(fault, &self.sources, &self.hidden);
        let mut errors: Vec<Diagnostic> = sorted.iter().take(read::MAX_FAULTS).map(show).collect();
        if let Some(more) = faults.len().checked_sub(read::MAX_FAULTS).filter(|more| *more > 0) {
            errors.push(show(&&Fault::new(format!("{more} more faults are not shown"))));
        }
        ConfigError { errors }
    }
}

impl fmt::Debug for Config {
    /// Where it comes from and what its sections are called; no values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources: Vec<String> = self.sources.iter().map(|source| source.origin.to_string()).collect();
        let sections: Vec<&str> = self
            .document
            .table()
            .into_iter()
            .flat_map(|table| &table.0)
            .map(|entry| entry.key.as_str())
            .collect();
        f.debug_struct("Config")
            .field("sources", &sources)
            .field("sections", &sections)
            .finish_non_exhaustive()
    }
}

fn unknown(what: &str, entry: &Entry, known: &[&str]) -> Fault {
    Fault::new(format!("unknown {what} `{}`", entry.key)).expecting(&entry.key, known).at(entry.key_span)
}

fn alone(fault: &Fault) -> ConfigError {
    ConfigError { errors: vec![Diagnostic::new(fault, &[], &[])] }
}

fn read_file(path: &Path) -> Result<String, String> {
    let name = path.display();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot read the configuration file `{name}`: {error}"))?;
    if bytes.len() as u64 > MAX_FILE_LEN {
        return Err(format!("the configuration file `{name}` is larger than 1 MiB; is it the right file?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        format!("the configuration file `{name}` is not UTF-8 text: line {line} has a byte that does not belong there")
    })
}

/// Finds strings under keys that sound like secrets: they are not shown even where such a key is misplaced.
fn hide_sensitive(node: &Node, hidden: &mut Vec<Span>) {
    for entry in node.table().into_iter().flat_map(|table| &table.0) {
        if matches!(entry.node.value, Value::String(_)) && Secret::is_named_by(&entry.key) {
            hidden.push(entry.node.span);
        }
    }
    for child in node.children() {
        hide_sensitive(child, hidden);
    }
}
