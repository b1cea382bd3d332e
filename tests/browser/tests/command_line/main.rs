//! The commands against a process that runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod notify;
mod process;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use process::{Process, command};
use serde_json::Value;

/// The members of an object.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn what_pages_do_can_be_done_from_a_shell() {
    let process = Process::start();
    let state = || process.json(&["ctl", "status", "mixed", "--json"])["state"].clone();
    assert_eq!(state(), "running");

    process.text(&["ctl", "pause", "mixed"]);
    assert_eq!(state(), "paused");
    process.text(&["ctl", "resume", "mixed"]);
    assert_eq!(state(), "running");
    let paused = process.json(&["ctl", "pause", "mixed", "imports", "--json"]);
    assert_eq!((&paused["component"], &paused["paused"]), (&"imports".into(), &true.into()));
    process.text(&["ctl", "resume", "mixed", "imports"]);
    let would = process.text(&["ctl", "rebalance", "mixed", "stock=5", "--dry-run"]);
    assert!(would.contains("`stock` would go from ") && would.contains(" to 5 tasks"), "{would}");
    let done = process.json(&["ctl", "rebalance", "mixed", "stock=5", "--json"]);
    assert_eq!(done["components"][0]["parallelism"]["to"], 5);
    process.text(&["ctl", "restart", "mixed", "stock", "0"]);
    // The file does not say what was changed by hand.
    let would = process.text(&["ctl", "reload", "--dry-run"]);
    assert_eq!(would, "topology.mixed.component.stock.parallelism: 5 -> 2\n");
    let over = process.text(&["ctl", "drain", "mixed", "--deadline", "100ms", "--yes", "--wait"]);
    assert_eq!(over, "`mixed` is over\n");
    assert_eq!(process.ends(), Some(0));
}

#[test]
fn what_cannot_be_taken_back_is_not_done_without_a_yes() {
    let process = Process::start();

    for verb in ["drain", "kill"] {
        let refused = process.output(&["ctl", verb, "mixed"]);
        assert_eq!(refused.status.code(), Some(2));
        let why = String::from_utf8(refused.stderr).unwrap();
        assert!(why.contains("Add --yes"), "{why}");
        process.text(&["ctl", verb, "mixed", "--dry-run"]);
        assert_eq!(process.json(&["ctl", "status", "mixed", "--json"])["state"], "running");
    }
}

#[test]
fn who_did_what_is_told_by_the_events() {
    let process = Process::start();
    process.text(&["ctl", "pause", "mixed", "--actor", "ann"]);

    let events = process.text(&["events", "--json", "--limit", "1000"]);
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();

    let paused = events.iter().find(|event| event["kind"] == "pause").unwrap();
    assert_eq!((&paused["who"], &paused["format"]), (&"ann".into(), &"squall.event.v1".into()));
    let lines = process.text(&["events", "--limit", "1000"]);
    assert!(lines.contains(" pause mixed: `mixed` was paused (ann, 127.0.0.1)\n"), "{lines}");
}

#[test]
fn tuples_are_one_a_line() {
    let process = Process::start();

    let tapped = process.text(&["tap", "mixed", "orders", "--limit", "2"]);

    let tuples: Vec<Value> = tapped.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tuples.len(), 2);
    for tuple in tuples {
        assert_eq!(keys(&tuple), ["at", "component", "cut", "failed", "format", "stream", "task", "tuple"]);
        assert_eq!((&tuple["format"], &tuple["component"]), (&"squall.tuple.v1".into(), &"orders".into()));
    }
}

#[test]
fn objects_for_programs_have_their_kind_and_keep_their_members() {
    let process = Process::start();

    let status = process.json(&["ctl", "status", "--json"]);
    assert_eq!(keys(&status), ["at", "draining", "format", "topologies", "uptime_seconds", "version"]);
    assert_eq!(status["format"], "squall.status.v1");
    assert_eq!(process.json(&["ctl", "status", "mixed", "--json"])["format"], "squall.topology.v1");
    let would = process.json(&["ctl", "kill", "mixed", "--dry-run", "--json"]);
    assert_eq!(keys(&would), ["dry_run", "format", "topology", "would"]);
    let local =
        |args: &[&str]| -> Value { serde_json::from_slice(&command(args).output().unwrap().stdout).unwrap() };
    let valid = local(&["validate", "--json"]);
    assert_eq!(keys(&valid), ["file", "format", "topologies", "valid"]);
    let graph = local(&["graph", "mixed", "--json"]);
    assert_eq!(keys(&graph), ["edges", "format", "nodes", "topology"]);
    let config = local(&["config", "--resolved", "--json"]);
    assert_eq!(keys(&config), ["file", "format", "hash", "values"]);
    assert!(config["values"].as_array().unwrap().iter().any(|value| value["path"] == "engine.threads"));
    let schema = local(&["schema", "--json"]);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let wrong = local(&["validate", "--json", "--set", "engine.threads=0"]);
    assert_eq!(keys(&wrong), ["faults", "format", "message", "valid"]);
    assert_eq!(wrong["faults"][0]["place"], "--set engine.threads");
}

#[test]
fn a_name_that_is_none_is_1_and_says_so() {
    let process = Process::start();

    for args in
        [&["ctl", "pause", "mixt"][..], &["ctl", "rebalance", "mixed", "stokc=2"], &["tap", "mixed", "x"]]
    {
        let output = process.output(args);
        let why = String::from_utf8(output.stderr).unwrap();

        assert_eq!(output.status.code(), Some(1), "{args:?}: {why}");
        assert!(why.starts_with("error: ") && output.stdout.is_empty(), "{why}");
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let process = Process::start();
    let is_coloured = |args: &[&str], variable: Option<&str>| {
        let mut command = process.command(&[&["ctl", "status"], args].concat());
        command.envs(variable.map(|variable| (variable, "1")));
        command.output().unwrap().stdout.contains(&0x1b)
    };

    assert!(!is_coloured(&[], None), "into a pipe");
    assert!(is_coloured(&[], Some("CLICOLOR_FORCE")));
    assert!(is_coloured(&["--color", "always"], None));
    assert!(!is_coloured(&["--color", "never"], Some("CLICOLOR_FORCE")));
    assert!(!is_coloured(&[], Some("NO_COLOR")));
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_command_without_a_word() {
    let process = Process::start();
    let mut command = process.command(&["events", "--follow", "--json"]);
    let mut follower = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(follower.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.contains("squall.event.v1"), "{line}");
    drop(reader);

    // `mixed` has tasks that panic: there is always another event.
    let ended = follower.wait_with_output().unwrap();

    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn shells_are_told_of_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let output = command(&["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();

        assert!(["ctl", "tap", "events", "rebalance"].iter().all(|word| script.contains(word)), "{shell}");
    }
    let script = command(&["completions", "bash"]).output().unwrap().stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let parsed = std::process::Command::new("bash").arg("-n").arg(file.path()).status().unwrap();
    assert!(parsed.success());
}
