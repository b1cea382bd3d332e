//! [`State`]: what something does, as a colour, an icon and a word at once.

use squall_runtime::{TaskState, TopologyState};

/// What something does, as a colour, an icon and a word at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// `ok`, `warn`, `bad`, `idle`, `info` or `busy`: class and icon.
    pub(crate) kind: &'static str,
    pub(crate) word: &'static str,
}

impl State {
    pub(crate) const RUNNING: Self = Self::new("ok", "Running");
    pub(crate) const PAUSED: Self = Self::new("idle", "Paused");
    pub(crate) const DRAINING: Self = Self::new("busy", "Draining");
    pub(crate) const ENDED: Self = Self::new("idle", "Ended");
    pub(crate) const FAILED: Self = Self::new("bad", "Failed");
    pub(crate) const DEGRADED: Self = Self::new("warn", "Degraded");

    const fn new(kind: &'static str, word: &'static str) -> Self {
        Self { kind, word }
    }

    /// The larger, the sooner somebody should look.
    pub(crate) fn severity(self) -> u8 {
        match self.kind {
            "bad" => 3,
            "warn" => 2,
            "ok" => 1,
            _ => 0,
        }
    }

    /// That of a topology.
    pub(crate) fn of(state: TopologyState) -> Self {
        match state {
            TopologyState::Running => Self::RUNNING,
            TopologyState::Paused => Self::PAUSED,
            TopologyState::Draining => Self::DRAINING,
            TopologyState::Stopping => Self::new("busy", "Stopping"),
            TopologyState::Failed => Self::FAILED,
            _ => Self::ENDED,
        }
    }

    /// That of a task.
    pub(crate) fn of_task(state: TaskState) -> Self {
        match state {
            TaskState::Running => Self::RUNNING,
            TaskState::Waiting => Self::new("idle", "Waiting"),
            TaskState::Parked => Self::new("idle", "Parked"),
            TaskState::BackingOff => Self::new("warn", "Backing off"),
            TaskState::Finished => Self::new("idle", "Finished"),
            _ => Self::FAILED,
        }
    }
}
