//! Promise 1: wrong wiring does not compile, and the compiler's message names both sides and says what to
//! write.
//!
//! Each file of `tests/ui` holds one mistake; the `.stderr` beside it is what the user reads. After a change
//! of a message: `TRYBUILD=overwrite cargo test -p squall-tests --test wrong_wiring_does_not_compile`, and
//! read the difference.

#![allow(clippy::expect_used, reason = "in a test a panic is the message")]

use std::{env, fs::OpenOptions, io::Write, process::Command};

/// The compiler that the snapshots were made with. Another one words its own part differently.
const SNAPSHOTS_OF: &str = "rustc 1.95.";

#[test]
fn wrong_wiring_does_not_compile() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc says its version");
    let version = String::from_utf8_lossy(&output.stdout);
    if !version.starts_with(SNAPSHOTS_OF) {
        return skip(&format!("the snapshots are those of {SNAPSHOTS_OF}x, this is {}", version.trim()));
    }
    let cases = trybuild::TestCases::new();
    cases.pass("ui/right/*.rs");
    cases.compile_fail("ui/*.rs");
}

/// A skip is seen: on standard error and, where a script counts them, in its file. In CI it is a failure.
fn skip(reason: &str) {
    let in_ci = env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!in_ci, "in CI a skip is a failure: {reason}");
    eprintln!("SKIPPED: compile-fail snapshots: {reason}");
    if let Some(path) = env::var_os("SQUALL_SKIPPED") {
        let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the list of skips");
        writeln!(file, "compile-fail snapshots: {reason}").expect("one more line");
    }
}
