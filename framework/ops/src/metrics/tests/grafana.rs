//! The dashboard for Grafana asks for what `/metrics` tells, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::page::told;

const DASHBOARD: &str = include_str!("../../../../../examples/deploy/grafana/squall.json");

/// What Prometheus adds to everything.
const ADDED: [&str; 2] = ["job", "instance"];

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).unwrap()
}

/// All texts under a key, wherever it stands.
fn under<'a>(key: &str, json: &'a Value, found: &mut Vec<&'a str>) {
    match json {
        Value::Array(all) => all.iter().for_each(|one| under(key, one, found)),
        Value::Object(all) => {
            for (name, value) in all {
                match value {
                    Value::String(text) if name == key => found.push(text),
                    other => under(key, other, found),
                }
            }
        }
        _ => {}
    }
}

fn texts<'a>(key: &str, json: &'a Value) -> Vec<&'a str> {
    let mut found = Vec::new();
    under(key, json, &mut found);
    found
}

/// The labels of each name that can be asked for.
fn known() -> BTreeMap<String, BTreeSet<String>> {
    let mut known = BTreeMap::new();
    for (name, (kind, mut labels)) in told() {
        labels.extend(ADDED.map(str::to_owned));
        if kind == "histogram" {
            known.insert(format!("{name}_sum"), labels.clone());
            known.insert(format!("{name}_count"), labels.clone());
            labels.insert("le".to_owned());
            known.insert(format!("{name}_bucket"), labels);
        } else {
            known.insert(name, labels);
        }
    }
    known
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The metrics that an expression names.
fn metrics(expr: &str) -> Vec<&str> {
    let words = expr.split(|letter| !is_of_name(letter));
    words.filter(|word| word.starts_with("squall_") || word.starts_with("process_")).collect()
}

/// What is wrong with an expression, and with the text that tells its series apart.
fn faults(expr: &str, legend: &str, known: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for metric in metrics(expr) {
        match known.get(metric) {
            Some(labels) => all.extend(labels.iter().map(String::as_str)),
            None => faults.push(format!("there is no {metric}")),
        }
    }
    for (at, _) in expr.match_indices('{') {
        let metric = metrics(&expr[..at]).pop().unwrap_or_default();
        let selector = expr[at + 1..].split('}').next().unwrap();
        // Values hold no commas.
        for pair in selector.split(',') {
            let label = pair.split(['=', '!']).next().unwrap().trim();
            if known.get(metric).is_some_and(|labels| !labels.contains(label)) {
                faults.push(format!("{metric} has no {label}"));
            }
        }
    }
    let lists = expr.split("by (").skip(1).map(|rest| rest.split(')').next().unwrap());
    let shown = legend.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap());
    for label in lists.flat_map(|list| list.split(',')).chain(shown).map(str::trim) {
        if !all.contains(label) {
            faults.push(format!("nothing in it has {label}"));
        }
    }
    faults
}

#[test]
fn every_expression_asks_for_what_there_is() {
    let (dashboard, known) = (dashboard(), known());
    let panels = dashboard["panels"].as_array().unwrap();

    let mut asked = 0;
    for target in panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten()) {
        let (expr, legend) = (target["expr"].as_str().unwrap(), target["legendFormat"].as_str().unwrap());
        assert!(!metrics(expr).is_empty(), "{expr}");
        assert_eq!(faults(expr, legend, &known), Vec::<String>::new(), "{expr} with {legend:?}");
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
    assert_eq!(texts("expr", &dashboard).len(), asked + 1, "all others are notes on the time axis");
}

#[test]
fn what_is_not_there_is_found() {
    let known = known();
    let wrong = |expr| faults(expr, "{{topology}}", &known);

    assert_eq!(wrong("sum by (topology) (rate(squall_component_emitted_total[1m]))"), Vec::<String>::new());
    assert_eq!(wrong("squall_topology_states{topology=\"t\"}")[0], "there is no squall_topology_states");
    assert_eq!(wrong("squall_topology_state{task=\"1\"}"), ["squall_topology_state has no task"]);
    assert_eq!(wrong("sum by (le) (squall_topology_state)"), ["nothing in it has le"]);
    assert_eq!(wrong("process_open_fds"), ["nothing in it has topology"]);
}

#[test]
fn its_variables_are_values_of_labels_that_there_are_and_all_that_it_uses() {
    let (dashboard, known) = (dashboard(), known());
    let variables = dashboard["templating"]["list"].as_array().unwrap();

    for variable in variables.iter().filter(|variable| variable["type"] == "query") {
        let query = variable["definition"].as_str().unwrap();
        assert_eq!(variable["query"]["query"], query);
        let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')')).unwrap();
        let (expr, label) = inner.rsplit_once(", ").unwrap();
        assert_eq!(faults(expr, &format!("{{{{{label}}}}}"), &known), Vec::<String>::new(), "{query}");
    }
    let mut names: BTreeSet<&str> = variables.iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.insert("__rate_interval");
    for text in texts("expr", &dashboard).into_iter().chain(texts("uid", &dashboard)) {
        for used in text.split('$').skip(1) {
            let used = used.trim_start_matches('{').split(|letter| !is_of_name(letter)).next().unwrap();
            assert!(names.contains(used), "{used} of {text}");
        }
    }
}

#[test]
fn it_can_be_provisioned_as_it_is_and_changes_by_the_line() {
    let dashboard = dashboard();

    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 39);
    assert_eq!(dashboard["uid"], "squall");
    assert!(dashboard["id"].is_null() && dashboard.get("__inputs").is_none(), "left over from an export");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has its own id");
    let indented = serde_json::to_string_pretty(&dashboard).unwrap() + "\n";
    assert!(indented == DASHBOARD, "indent it by two, with its keys in their order");
}
