//! Every case runs, and both sides of a case do the same work.

#![expect(clippy::expect_used, reason = "a test that cannot go on says what it needed")]

use std::{collections::HashSet, sync::Arc};

use clap::ValueEnum;
use serde_json::Value;
use squall_bench::{Case, Load, Options, Shape, Text, Tracking, engine, limit};

fn quick(cases: &[Case]) -> Options {
    Options { cases: cases.to_vec(), quick: true, json: true, ..Options::default() }
}

fn lines(options: &Options) -> Vec<String> {
    let mut out = Vec::new();
    squall_bench::print(options, &mut out).expect("the benchmark runs");
    String::from_utf8(out).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn engine_and_limit_do_the_same_work() {
    let load = Load { emissions: 10_001, text: Arc::new(Text::generate(7)) };
    for shape in Shape::ALL {
        for tracking in Tracking::ALL {
            let engine = engine::run(shape, tracking, &load).expect("the topology runs");
            let limit = limit::run(shape, tracking, &load);

            assert!(engine.agrees_with(&limit), "{shape:?} {tracking:?}: {engine:?} {limit:?}");
        }
    }
}

/// The keys that every row has; what a case does not measure is null.
const ALWAYS: [&str; 7] =
    ["tuples_per_s", "limit_tuples_per_s", "ratio", "p50_us", "p99_us", "p999_us", "cpu_s_per_million"];

/// The keys under which a case has numbers.
fn measured(case: &str) -> &'static [&'static str] {
    match case {
        "const-null" | "const-id-null" | "word-count" => {
            &["tuples_per_s", "limit_tuples_per_s", "ratio", "cpu_s_per_million", "limit_cpu_s_per_million"]
        }
        "latency-10k" | "latency-100k" => {
            &["tuples_per_s", "p50_us", "p99_us", "p999_us", "cpu_s_per_million", "rate"]
        }
        "rebalance" => &["p50_us", "p99_us", "p999_us", "rate"],
        "panic-1000" => &["tuples_per_s", "ratio"],
        "idle" => &["cores"],
        "stalled-sink" => &["growth_mib"],
        _ => panic!("what does {case} measure?"),
    }
}

#[test]
fn every_case_prints_json_objects_of_its_own() {
    let lines = lines(&quick(&[]));

    let rows: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let seen: HashSet<&str> = rows.iter().filter_map(|row| row["case"].as_str()).collect();
    let known: HashSet<&str> = Case::value_variants().iter().map(|case| case.name()).collect();
    assert_eq!(seen, known);
    for row in &rows {
        let case = row["case"].as_str().expect("a name");
        let measured = measured(case);
        for key in ALWAYS.iter().chain(measured) {
            let is_right = |value: &Value| {
                if measured.contains(key) {
                    value.as_f64().is_some_and(f64::is_finite)
                } else {
                    value.is_null()
                }
            };
            assert!(row.get(key).is_some_and(is_right), "{key} in {row}");
        }
        assert!(["none", "tuple", "batch"].iter().any(|name| row["tracking"] == *name), "{row}");
    }
}

#[test]
fn the_table_names_the_machine_and_has_a_line_for_each_tracking() {
    let lines = lines(&Options { json: false, ..quick(&[Case::ConstNull]) });

    assert!(lines[0].contains(" cores") && lines[0].contains("1 alternated repetition"), "{}", lines[0]);
    assert_eq!(lines.len(), 2 + Tracking::ALL.len());
}

#[test]
fn names_on_the_command_line_are_those_in_the_output() {
    for case in Case::value_variants() {
        let value = case.to_possible_value().expect("no case is hidden");

        assert_eq!(value.get_name(), case.name());
    }
}
