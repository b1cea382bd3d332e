//! The load test with a real broker and real processes: in seconds and at a tenth of its rates, unless more is wanted.
//!
//! `SQUALL_LOAD` has other flags for `squall bench enrich load`, such as `--svg FILE`, in place of `--quick`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::env;
use std::process::Command;

use serde_json::Value;
use squall_services::Kafka;

/// Runs a case of the benchmark; returns the last line that it prints.
fn bench(case: &str, brokers: &str, flags: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_squall"));
    command.args(["bench", "enrich", case, "--json", "--brokers", brokers]).args(flags);
    let ended = command.output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    println!("{errors}{said}");
    assert!(ended.status.success(), "{said}{errors}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[test]
fn every_activity_comes_out_of_an_overload_while_workers_are_killed_and_members_join_and_leave() {
    let Some(kafka) = Kafka::start() else { return };
    let flags = env::var("SQUALL_LOAD").unwrap_or_else(|_| "--quick".to_owned());
    let flags: Vec<&str> = flags.split_whitespace().collect();

    let outcome = bench("load", &kafka.brokers(), &flags);

    // The command fails if anything is lost or wrong, or if more came out twice than was under way.
    assert_eq!((&outcome["lost"], &outcome["wrong"]), (&0.into(), &0.into()));
    for done in ["kills", "joins", "leaves", "dead", "backlog"] {
        assert!(outcome[done].as_u64().unwrap() > 0, "{done}: {outcome}");
    }
}

#[test]
fn one_worker_writes_everything_once() {
    let Some(kafka) = Kafka::start() else { return };

    let row = bench("kafka", &kafka.brokers(), &["--quick"]);

    assert!(row["activities_per_s"].as_f64().unwrap() > 0.0, "{row}");
}

#[test]
fn a_case_with_brokers_says_that_it_needs_them() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_squall"));

    let ended = command.args(["bench", "enrich", "load"]).output().unwrap();

    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("--brokers HOST:PORT"));
}
