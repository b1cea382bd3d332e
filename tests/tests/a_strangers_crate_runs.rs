//! A crate that is no member of the workspace and knows only `squall` builds and holds the engine to its
//! promises: see `tests/stranger`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the message")]

use std::{env, fs, path::Path, process::Command};

#[test]
fn a_strangers_crate_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let target = target.join("stranger");
    let home = copy_crate(root, &target.join("crate"));

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--target-dir"]).arg(&target).current_dir(&home);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().expect("cargo starts");

    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the stranger's crate failed:\n{said}");
    println!("{said}");
}

/// The stranger lives elsewhere, with the versions that the workspace has: nothing is downloaded for it.
fn copy_crate(root: &Path, home: &Path) -> std::path::PathBuf {
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
    home.to_owned()
}
