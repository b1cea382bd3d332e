//! When, where and with what it was measured.

use std::{fs, path::Path, process::Command};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};
use squall_bench::usage;

use crate::{
    Result,
    places::Places,
    plan::{Plan, Times},
};

/// Processors that everybody has.
const PROCESSORS: usize = 2;

/// When, where and with what it was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) machine: String,
    pub(crate) system: String,
    /// What else ran: the average of the minute before the first contestant started.
    pub(crate) load: String,
    pub(crate) storm: String,
    pub(crate) java: String,
    pub(crate) timely: String,
    pub(crate) rustc: String,
    pub(crate) times: Times,
}

impl About {
    /// Now, and here; from now on, this process and those it starts keep to two processors.
    pub(crate) fn now(places: &Places, plan: &Plan) -> Result<Self> {
        let load = fs::read_to_string("/proc/loadavg")?;
        pin()?;
        let pom = fs::read_to_string(places.storm().join("pom.xml"))?;
        let locked = fs::read_to_string(places.peers().join("Cargo.lock"))?;
        Ok(Self {
            date: said("date", &["-u", "+%Y-%m-%d %H:%M UTC"], places.peers())?,
            commit: commit(places.peers())?,
            machine: usage::machine(),
            system: said("uname", &["-srm"], places.peers())?,
            load: load.split_whitespace().next().unwrap_or_default().to_owned(),
            storm: between(&pom, "<storm.version>", "</storm.version>"),
            java: said("java", &["-version"], places.peers())?,
            timely: between(&locked, "name = \"timely\"\nversion = \"", "\""),
            rustc: said("rustc", &["--version"], places.peers())?,
            times: plan.times,
        })
    }
}

/// Leaves the first two of the processors that this process may use.
fn pin() -> Result<()> {
    let allowed = sched_getaffinity(None)?;
    let mut chosen = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).take(PROCESSORS).for_each(|cpu| chosen.set(cpu));
    sched_setaffinity(None, &chosen)?;
    Ok(())
}

fn commit(folder: &Path) -> Result<String> {
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"], folder)?;
    // What the race itself writes, and what the workspaces beside it do to its lock file, changes nothing.
    let changes = said(
        "git",
        &["status", "--porcelain", "--", ":/", ":!results", ":!RESULTS.md", ":!Cargo.lock"],
        folder,
    )?;
    Ok(if changes.is_empty() { commit } else { format!("{commit}, with changes that are not committed") })
}

/// The first line that a program says.
fn said(program: &str, arguments: &[&str], folder: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    // Java tells its version on standard error.
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    Ok(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned())
}

fn between(text: &str, before: &str, after: &str) -> String {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.map_or_else(|| "unknown".to_owned(), |(found, _)| found.to_owned())
}
