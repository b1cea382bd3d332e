//! A crate that lives outside the workspace and depends on `squall` alone builds, and holds the engine to its
//! promises: see `tests/stranger`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the message")]

use std::{env, fs, path::Path, process::Command};

#[test]
fn a_strangers_crate_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let home = tempfile::tempdir().expect("a temporary folder");
    copy_crate(root, home.path());
    // What is compiled for it stays, so that only the stranger itself is compiled again.
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let target = target.join("stranger");

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--target-dir"]).arg(&target).current_dir(&home);
    command.env("CARGO_INCREMENTAL", "0");
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().expect("cargo starts");
    remove_builds(&target);

    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the stranger's crate failed:\n{said}");
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

/// The stranger lives elsewhere, with the versions that the workspace has: nothing is downloaded for it.
fn copy_crate(root: &Path, home: &Path) {
    let source = root.join("tests/stranger");
    fs::create_dir_all(home.join("src")).unwrap();
    let manifest = fs::read_to_string(source.join("Cargo.toml")).unwrap();
    let engine = root.join("framework/squall");
    let manifest = manifest.replace("../../framework/squall", engine.to_str().unwrap());
    fs::write(home.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), home.join("Cargo.lock")).unwrap();
    for file in fs::read_dir(source.join("src")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), home.join("src").join(file.file_name())).unwrap();
    }
}

/// Each run lives in a folder of its own, hence cargo would keep the program of each.
fn remove_builds(target: &Path) {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    for folder in ["deps", ".fingerprint"] {
        for entry in fs::read_dir(target.join(profile).join(folder)).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("stranger-") {
                // Another run may have been faster.
                drop(fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path())));
            }
        }
    }
}
