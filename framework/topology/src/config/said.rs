//! [`Said`]: one value of a configuration, and where it was said.

use sha2::{Digest as _, Sha256};

use super::{
    Config,
    source::{Origin, Span},
    tree::{Node, Value},
};

/// What stands in place of what an environment variable holds.
const HIDDEN: &str = "***";

/// One value that a configuration says, in a section that was read.
///
/// ```
/// use squall_topology::{Config, EngineSettings};
///
/// let mut config = Config::parse("squall.toml", "[engine]\nthreads = 4\n[other]\nx = 1")?;
/// config.section::<EngineSettings>("engine")?;
///
/// let said = config.said();
/// assert_eq!(said.len(), 1);
/// assert_eq!((said[0].path(), said[0].value(), said[0].place()), ("engine.threads", "4", "squall.toml:2"));
/// # Ok::<(), squall_topology::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Said {
    path: String,
    value: String,
    place: String,
}

impl Said {
    /// Where it stands in the configuration, with dots: `topology.word-count.component.split.parallelism`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it is, as it was written. Secrets, names, passwords and tokens in URLs, and what an environment variable holds are
    /// stars.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Who says it: `squall.toml:12`, `environment variable SQUALL__ENGINE__THREADS`, `--set engine.threads`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl Config {
    /// Every value of the sections that were read, in the order in which they were written; what wins over another is told
    /// alone.
    #[must_use]
    pub fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        for entry in self.document.table().into_iter().flat_map(|table| &table.0) {
            // What nobody read may hold a secret that nobody knows for one.
            if entry.is_called("topology") || self.secrets.keys().any(|section| entry.is_called(section)) {
                self.collect(&entry.node, &entry.key, &mut said);
            }
        }
        said.sort_by_key(|(span, _)| *span);
        said.into_iter().map(|(_, said)| said).collect()
    }

    /// The SHA-256 of the file, as `sha256sum` prints it; that of nothing if there is none.
    #[must_use]
    pub fn sha256(&self) -> String {
        let file = self.sources.iter().find(|source| matches!(source.origin, Origin::File(_)));
        let digest = Sha256::digest(file.map_or("", |file| &file.text));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn collect(&self, node: &Node, path: &str, into: &mut Vec<(Span, Said)>) {
        if let Value::Table(table) = &node.value {
            for entry in &table.0 {
                self.collect(&entry.node, &format!("{path}.{}", entry.key), into);
            }
            return;
        }
        let Some(source) = self.sources.get(node.span.source) else { return };
        let hidden: Vec<_> = self.hidden.iter().filter(|span| span.source == node.span.source).collect();
        let hidden: Vec<_> = hidden.into_iter().map(|span| span.range()).collect();
        let (value, place) = match &source.origin {
            Origin::File(name) => {
                let (line, _) = source.position(node.span.start);
                (source.redacted(node.span.range(), &hidden), format!("{name}:{line}"))
            }
            Origin::Variable(_) => (HIDDEN.to_owned(), source.origin.to_string()),
            Origin::Flag(_) => (source.redacted(node.span.range(), &hidden), source.origin.to_string()),
        };
        into.push((node.span, Said { path: path.to_owned(), value, place }));
    }
}
