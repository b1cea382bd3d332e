//! Who runs.

use std::{fs::File, process::Command};

use serde::{Deserialize, Serialize};

use crate::{Result, child::Child, places::Places, storm::Setup};

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Runner {
    /// With the settings that it is shipped with.
    StormShipped,
    /// With the settings that were found to be best.
    StormTuned,
    /// Two workers.
    Timely,
    /// Two threads.
    Squall,
}

impl Runner {
    /// As a person reads it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StormShipped => "Storm, as shipped",
            Self::StormTuned => "Storm, tuned",
            Self::Timely => "timely",
            Self::Squall => "Squall",
        }
    }
}

/// What is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tracking {
    /// Nothing.
    None,
    /// Each emission of the spout.
    Tuple,
    /// Each 64 of them.
    Batch,
}

impl Tracking {
    /// As a person reads it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "untracked",
            Self::Tuple => "per tuple",
            Self::Batch => "per batch of 64",
        }
    }

    /// As Squall's peer reads it.
    fn argument(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tuple => "tuple",
            Self::Batch => "batch",
        }
    }
}

/// Who runs, and under which tracking.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contestant {
    pub(crate) runner: Runner,
    pub(crate) tracking: Tracking,
    /// Of Storm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) setup: Option<Setup>,
}

impl Contestant {
    /// One that is compiled beforehand.
    pub(crate) fn native(runner: Runner, tracking: Tracking) -> Self {
        Self { runner, tracking, setup: None }
    }

    /// Storm: every tuple is tracked, or none is.
    pub(crate) fn storm(runner: Runner, is_tracked: bool, setup: Setup) -> Self {
        let tracking = if is_tracked { Tracking::Tuple } else { Tracking::None };
        Self { runner, tracking, setup: Some(setup) }
    }

    /// As a person reads it.
    pub(crate) fn name(&self) -> String {
        format!("{}, {}", self.runner.name(), self.tracking.name())
    }

    /// Whether it is compiled while it runs.
    pub(crate) fn warms_up(&self) -> bool {
        self.setup.is_some()
    }

    /// Starts its process, which then waits for its turn.
    pub(crate) fn start(&self, case: &str, places: &Places) -> Result<Child> {
        let log = places.log(&format!("{case}-{:?}-{:?}", self.runner, self.tracking));
        let mut command = match (&self.setup, self.runner) {
            (Some(setup), _) => setup.command(case, self.tracking != Tracking::None, places),
            (None, Runner::Timely) => native(places, "timely-peer", &[case]),
            (None, _) => native(places, "squall-peer", &[case, self.tracking.argument()]),
        };
        command.stderr(File::create(&log)?);
        Child::start(self.name(), command, log)
    }
}

fn native(places: &Places, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(places.program(program));
    command.args(arguments);
    command
}
