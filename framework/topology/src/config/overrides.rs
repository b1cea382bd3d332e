//! Environment variables and `--set` flags, which win over the file.

use toml::de::DeValue;

use super::{
    fault::Fault,
    source::{Origin, Source, Span},
    tree::{Node, Nodes, Table, Value},
};

const PREFIX: &str = "SQUALL__";

/// A value for a path, from outside of the file.
pub(super) struct Override {
    origin: Origin,
    path: Vec<String>,
    value: String,
}

impl Override {
    /// The override in an environment variable; `None` if the variable is none of ours.
    pub(super) fn from_variable(name: &str, value: &str) -> Option<Self> {
        let path = name.strip_prefix(PREFIX)?;
        let path = path.split("__").map(str::to_lowercase).collect();
        Some(Self { origin: Origin::Variable(name.to_owned()), path, value: value.to_owned() })
    }

    /// The override in a flag of the form `path=value`.
    pub(super) fn from_flag(flag: &str) -> Result<Self, Fault> {
        let Some((path, value)) = flag.split_once('=') else {
            let how = "write it as --set engine.threads=4";
            return Err(Fault::new(format!("`--set {flag}` has no `=` and value; {how}")));
        };
        let parts = path.split('.').map(|part| part.trim().to_owned()).collect();
        Ok(Self { origin: Origin::Flag(path.trim().to_owned()), path: parts, value: value.trim().to_owned() })
    }

    /// Puts the value into the document.
    pub(super) fn apply(
        self,
        document: &mut Table,
        nodes: &mut Nodes,
        sources: &mut Vec<Source>,
    ) -> Result<(), Fault> {
        let Self { origin, path, value } = self;
        if path.iter().any(String::is_empty) {
            let how = match origin {
                Origin::Flag(_) => "--set engine.threads=4",
                _ => "SQUALL__ENGINE__THREADS=4",
            };
            return Err(Fault::new(format!("{origin}: a name is missing; write for example {how}")));
        }
        let source = sources.len();
        let node = parse(source, &value, nodes);
        let whole = Span::new(source, 0..value.len());
        sources.push(Source { origin, text: value });
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        nodes.set(document, &path, whole, node);
        Ok(())
    }
}

/// A TOML value if the text is one, else a string.
fn parse(source: usize, text: &str, nodes: &mut Nodes) -> Node {
    let whole = 0..text.len();
    let Ok(value) = DeValue::parse(text) else {
        return nodes.node(Span::new(source, whole), Value::String(text.to_owned()));
    };
    let mut node = nodes.read(source, whole, value.into_inner(), true);
    if !matches!(node.value, Value::String(_) | Value::Array(_) | Value::Table(_)) {
        node.text = Some(text.to_owned());
    }
    node
}
