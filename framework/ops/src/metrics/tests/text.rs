//! A reader of the text format that forgives nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

/// What one scrape says.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// By name.
    pub(super) types: HashMap<String, String>,
    /// By name and labels.
    samples: BTreeMap<(String, BTreeMap<String, String>), f64>,
}

impl Text {
    /// Reads it, and panics with the line that is wrong.
    pub(super) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut read, mut helped, mut family) = (Self::default(), HashSet::new(), String::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, _) = help.split_once(' ').unwrap_or_else(|| panic!("no text: {line}"));
                assert!(helped.insert(name.to_owned()), "explained twice: {line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(helped.contains(name), "not explained: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(read.types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
                assert!(
                    kind != "counter" || name.ends_with("_total"),
                    "a counter that does not say so: {line}"
                );
                family = name.to_owned();
            } else {
                read.sample(line, &family);
            }
        }
        read
    }

    fn sample(&mut self, line: &str, family: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = line.find(|c| !is_name(c)).unwrap_or_else(|| panic!("only a name: {line}"));
        let (name, mut rest) = line.split_at(end);
        assert!(!name.starts_with(|c: char| c.is_ascii_digit()), "{line}");
        let part = name.strip_prefix(family).unwrap_or_else(|| panic!("among {family}: {line}"));
        let parts: &[&str] =
            if self.types[family] == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(parts.contains(&part), "among {family}: {line}");
        let mut labels = BTreeMap::new();
        if let Some(inner) = rest.strip_prefix('{') {
            rest = inner;
            loop {
                let (label, behind) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
                assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{label} in {line}");
                let (value, behind) = unescape(behind, line);
                assert!(labels.insert(label.to_owned(), value).is_none(), "{label} twice: {line}");
                if let Some(behind) = behind.strip_prefix('}') {
                    rest = behind;
                    break;
                }
                rest = behind.strip_prefix(',').unwrap_or_else(|| panic!("no comma: {line}"));
            }
        }
        let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no space: {line}"));
        let value: f64 = value.parse().unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value.is_finite(), "{line}");
        assert!(self.samples.insert((name.to_owned(), labels), value).is_none(), "twice: {line}");
    }

    /// The value of a sample, if it is there.
    pub(super) fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }
}

/// Reads up to the closing quote; returns what is behind it too.
fn unescape<'a>(text: &'a str, line: &str) -> (String, &'a str) {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next() {
                Some((_, '\\')) => '\\',
                Some((_, '"')) => '"',
                Some((_, 'n')) => '\n',
                other => panic!("escaped {other:?}: {line}"),
            }),
            other => value.push(other),
        }
    }
    panic!("no closing quote: {line}")
}
