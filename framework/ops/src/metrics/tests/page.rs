//! The page of the guide says what `/metrics` tells, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use prometheus::core::Collector;
use squall_topology::Config;

use super::super::{Checks, Engine, Process, Standing};
use super::{of, scrape, topology};
use crate::check::Board;
use crate::reload::ConfigState;

const PAGE: &str = include_str!("../../../../squall/src/guide/metrics.md");

/// What a row of the page says.
#[derive(Debug, PartialEq)]
struct Said {
    kind: String,
    labels: BTreeSet<String>,
    meaning: String,
}

/// The rows of the page, by name.
fn said() -> BTreeMap<String, Said> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, kind, unit, labels, meaning] = cells[..] else { panic!("five cells: {line}") };
        assert!(!unit.is_empty() && unit != "?", "a unit: {line}");
        let labels = labels.split(", ").filter(|label| *label != "none");
        let labels = labels.map(|label| label.trim_matches('`').to_owned()).collect();
        let said = Said { kind: kind.to_owned(), labels, meaning: meaning.to_owned() };
        (name.trim_matches('`').to_owned(), said)
    });
    rows.collect()
}

/// The type and the labels of every metric, as the page says it.
pub(super) fn told() -> BTreeMap<String, (String, BTreeSet<String>)> {
    said().into_iter().map(|(name, said)| (name, (said.kind, said.labels))).collect()
}

#[test]
fn the_page_names_every_metric_with_its_labels_and_no_other() {
    let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
    let collectors: [Box<dyn Collector>; 4] = [
        Box::new(Engine::new(&[]).unwrap()),
        Box::new(Process::new().unwrap()),
        Box::new(Checks::new(Board::default()).unwrap()),
        Box::new(Standing::new("squall", "1.2.3", &config).unwrap()),
    ];
    let said = said();

    let mut told = BTreeSet::new();
    for desc in collectors.iter().flat_map(|collector| collector.desc()) {
        let row = said.get(&desc.fq_name).unwrap_or_else(|| panic!("{} is not on the page", desc.fq_name));
        assert_eq!(row.labels, desc.variable_labels.iter().cloned().collect(), "{}", desc.fq_name);
        assert_eq!(row.meaning, desc.help, "{}", desc.fq_name);
        told.insert(desc.fq_name.clone());
    }
    let other: Vec<&String> = said.keys().filter(|name| !told.contains(*name)).collect();
    assert!(other.is_empty(), "on the page, and never told: {other:?}");
}

#[test]
fn the_page_says_of_what_type_each_is_that_a_process_tells() {
    let (said, text) = (said(), scrape(&of(&[topology(Vec::new())])));

    assert!(text.types.len() > 30, "{:?}", text.types);
    for (name, kind) in &text.types {
        assert_eq!(&said[name].kind, kind, "{name}");
    }
}
