//! Compiles everybody.

use std::{fs, process::Command};

use squall_bench::Text;

use crate::{Result, places::Places};

/// Compiles everybody and writes the text of the word counts.
pub(crate) fn all(places: &Places) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", "timely-peer", "--package", "squall-peer"]);
    cargo.arg("--target-dir").arg(places.built()).current_dir(places.peers());
    run(cargo)?;
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "package"]).current_dir(places.storm());
    run(maven)?;
    let text = Text::generate(Text::SEED).lines().join("\n") + "\n";
    Ok(fs::write(places.text(), text)?)
}

fn run(mut command: Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| {
        format!("{program} cannot be run ({error}); `bash .ci/install-peers.sh` installs what the race needs")
    })?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed: {status}").into()) }
}
