//! The merged document: values that remember where they were written.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::source::Span;

/// A value of the document.
pub(super) struct Node {
    /// Unique within one configuration; names the node while faults are collected.
    pub(super) id: usize,
    pub(super) span: Span,
    pub(super) value: Value,
    /// A single value of an environment variable or a flag as it was given: where a string is wanted, `8` is one.
    pub(super) text: Option<String>,
}

pub(super) enum Value {
    String(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Datetime(String),
    Array(Vec<Node>),
    Table(Table),
}

#[derive(Default)]
pub(super) struct Table(pub(super) Vec<Entry>);

pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    /// The key comes from an environment variable or a flag: its case, `-` and `_` say nothing.
    pub(super) loose: bool,
    pub(super) node: Node,
}

/// The form in which two names that differ in case, `-` and `_` are equal.
pub(super) fn normal(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// Builds nodes with fresh ids.
#[derive(Default)]
pub(super) struct Nodes {
    next: usize,
}

impl Nodes {
    pub(super) fn node(&mut self, span: Span, value: Value) -> Node {
        self.next += 1;
        Node { id: self.next, span, value, text: None }
    }

    pub(super) fn read(&mut self, source: usize, at: Range<usize>, value: DeValue<'_>, loose: bool) -> Node {
        let value = match value {
            DeValue::String(text) => Value::String(text.into_owned()),
            // The parser has checked the digits; what is longer than any integer type is kept as its extreme.
            DeValue::Integer(int) => {
                Value::Integer(i128::from_str_radix(int.as_str(), int.radix()).unwrap_or(i128::MAX))
            }
            DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(yes) => Value::Boolean(yes),
            DeValue::Datetime(at) => Value::Datetime(at.to_string()),
            DeValue::Array(items) => Value::Array(
                items
                    .into_iter()
                    .map(|item| {
                        let at = item.span();
                        self.read(source, at, item.into_inner(), loose)
                    })
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(self.read_table(source, table, loose)),
        };
        self.node(Span::new(source, at), value)
    }

    pub(super) fn read_table(&mut self, source: usize, table: DeTable<'_>, loose: bool) -> Table {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let (at, key_at) = (value.span(), key.span());
            entries.push(Entry {
                key: key.into_inner().into_owned(),
                key_span: Span::new(source, key_at),
                loose,
                node: self.read(source, at, value.into_inner(), loose),
            });
        }
        Table(entries)
    }

    /// Sets the value at `path`, making tables on the way and replacing what is there.
    pub(super) fn set(&mut self, table: &mut Table, path: &[&str], key_span: Span, node: Node) {
        let Some((first, rest)) = path.split_first() else { return };
        let index = table.position(first).unwrap_or_else(|| {
            let node = self.node(key_span, Value::Table(Table::default()));
            table.0.push(Entry { key: (*first).to_owned(), key_span, loose: true, node });
            table.0.len() - 1
        });
        let Some(entry) = table.0.get_mut(index) else { return };
        if rest.is_empty() {
            entry.key_span = key_span;
            entry.node = node;
            return;
        }
        if !matches!(entry.node.value, Value::Table(_)) {
            entry.node = self.node(key_span, Value::Table(Table::default()));
        }
        if let Value::Table(inner) = &mut entry.node.value {
            self.set(inner, rest, key_span, node);
        }
    }
}

impl Table {
    /// The entry of exactly this name, else one that differs only in case, `-` and `_`.
    fn position(&self, name: &str) -> Option<usize> {
        let loosely = || self.0.iter().position(|entry| normal(&entry.key) == normal(name));
        self.0.iter().position(|entry| entry.key == name).or_else(loosely)
    }

    /// The entry called `name`; one from the environment or a flag may be spelled loosely.
    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.is_called(name))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.is_called(name))
    }
}

impl Entry {
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.key == name || self.loose && normal(&self.key) == normal(name)
    }

    /// The name under which the entry is read: the field that it means, else the key itself; a loose key that means no
    /// known field becomes a name as topologies and components have them, in lower case with hyphens.
    pub(super) fn name(&self, fields: &[&'static str]) -> String {
        match fields.iter().find(|field| self.is_called(field)) {
            Some(field) => (*field).to_owned(),
            None if self.loose => normal(&self.key),
            None => self.key.clone(),
        }
    }
}

impl Node {
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether two values are equal, wherever and in whatever order they are written.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::String(one), Value::String(other)) => one == other,
            (Value::Integer(one), Value::Integer(other)) => one == other,
            (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
            (Value::Boolean(one), Value::Boolean(other)) => one == other,
            (Value::Datetime(one), Value::Datetime(other)) => one == other,
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.says_the_same_as(other))
            }
            (Value::Table(one), Value::Table(other)) => {
                let has = |entry: &Entry| {
                    other.get(&entry.key).is_some_and(|other| entry.node.says_the_same_as(&other.node))
                };
                one.0.len() == other.0.len() && one.0.iter().all(has)
            }
            _ => false,
        }
    }

    /// The nodes directly below.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        match &self.value {
            Value::Array(items) => Box::new(items.iter()),
            Value::Table(table) => Box::new(table.0.iter().map(|entry| &entry.node)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The spans of this node and of everything below it.
    pub(super) fn spans(&self, into: &mut Vec<Span>) {
        into.push(self.span);
        for child in self.children() {
            child.spans(into);
        }
    }
}
