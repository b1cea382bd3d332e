//! What is not installed is skipped where it can be seen, and fails in CI.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the message")]

use squall_services::{Mastodon, Pds, Process};
use std::{env, fs, time::Duration};

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs in a process of its own, in which nothing is installed.
#[test]
fn starts_what_is_not_installed() {
    if env::var_os("SQUALL_SERVICES_MISSING").is_some() {
        assert!(Mastodon::start().is_none());
        assert!(Pds::start().is_none());
    }
}

fn with_nothing_installed(ci: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let skipped = folder.path().join("skipped");
    let test = Process::of(env::current_exe().unwrap())
        .args(["--exact", "starts_what_is_not_installed", "--nocapture"])
        .env("SQUALL_SERVICES", folder.path().join("cache").to_str().unwrap())
        .env("SQUALL_SERVICES_MISSING", "1")
        .env("SQUALL_SKIPPED", skipped.to_str().unwrap())
        .env("CI", ci);
    test.start();
    let code = test.wait_for_end(PATIENCE).code();
    (code, fs::read_to_string(skipped).unwrap_or_default(), test.log())
}

#[test]
fn what_is_missing_is_skipped_and_noted() {
    let (code, skipped, log) = with_nothing_installed("");
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<&str> = skipped.lines().collect();
    assert_eq!(lines.len(), 2, "{skipped}");
    assert!(lines[0].starts_with("Mastodon: there is no mock of it") && lines[0].ends_with("make services"));
    assert!(lines[1].starts_with("PDS: there is no PDS") && log.contains(lines[1]));
}

#[test]
fn what_is_missing_in_ci_is_a_failure() {
    let (code, skipped, log) = with_nothing_installed("true");
    assert_eq!((code, skipped.as_str()), (Some(101), ""), "{log}");
    assert!(log.contains("make services"), "{log}");
}
