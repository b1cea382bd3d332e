//! How Storm is set up.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};

use crate::{Result, places::Places};

/// How one process of Storm is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Flags of the Java virtual machine.
    pub(crate) java: Vec<String>,
    /// Tasks of each bolt of a word count.
    pub(crate) tasks: usize,
    /// Settings of the topology, by their keys in storm.yaml.
    pub(crate) settings: BTreeMap<String, String>,
}

impl Setup {
    /// Nothing is set. The word count has the tasks that Squall's has.
    pub(crate) fn shipped() -> Self {
        Self { java: Vec::new(), tasks: 2, settings: BTreeMap::new() }
    }

    /// The command that runs a case.
    pub(crate) fn command(&self, case: &str, is_tracked: bool, places: &Places) -> Command {
        let built = places.storm().join("target");
        let mut command = Command::new("java");
        command.args(&self.java).arg("-cp");
        command.arg(format!("{}:{}", built.join("classes").display(), built.join("lib/*").display()));
        command.args(["peers.Main", case, if is_tracked { "1" } else { "0" }]).arg(self.tasks.to_string());
        command.arg(places.text());
        command.args(self.settings.iter().map(|(key, value)| format!("{key}={value}")));
        command
    }

    /// What differs from the settings that Storm is shipped with.
    pub(crate) fn describe(&self) -> String {
        let mut parts = vec![format!("tasks {}", self.tasks)];
        parts.extend(self.settings.iter().map(|(key, value)| {
            let key = key.trim_start_matches("topology.");
            format!("{key} {}", value.trim_start_matches("org.apache.storm.policy."))
        }));
        parts.extend(self.java.iter().cloned());
        parts.join(", ")
    }
}

/// The settings under which Storm does best, by the case and whether it is tracked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tuned(BTreeMap<String, Setup>);

impl Tuned {
    /// As the sweep left them.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}; `make peers-sweep` writes it", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// For the next race.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        Ok(fs::write(path, serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// For one case.
    pub(crate) fn of(&self, case: &str, is_tracked: bool) -> Result<Setup> {
        let name = name(case, is_tracked);
        self.0.get(&name).cloned().ok_or_else(|| format!("no settings were found for {name}").into())
    }

    /// Notes what is best for one case.
    pub(crate) fn set(&mut self, case: &str, is_tracked: bool, setup: Setup) {
        self.0.insert(name(case, is_tracked), setup);
    }
}

fn name(case: &str, is_tracked: bool) -> String {
    format!("{case}, {} acker", u8::from(is_tracked))
}
