//! How a topology ended: [`Report`] or [`Failed`].

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::{
    happening::{HappeningKind, cut},
    status::{ComponentStatus, Roots, Status},
};

/// What a topology has done, when it is over: no root is pending.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The last status.
    #[serde(flatten)]
    pub status: Status,
    /// How long it ran.
    #[serde(skip)]
    pub duration: Duration,
}

impl Report {
    /// The roots of all spouts.
    pub fn roots(&self) -> &Roots {
        &self.status.roots
    }

    /// The component with this name.
    pub fn component(&self, name: &str) -> Option<&ComponentStatus> {
        self.status.component(name)
    }
}

/// Why a topology failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failed {
    /// A component could not be kept alive.
    Component {
        /// Its name.
        component: String,
        /// Which of its tasks.
        task: usize,
        /// What that task said last.
        message: String,
        /// What was done until then.
        report: Box<Report>,
    },
    /// The threads could not be started.
    Threads {
        /// What the operating system said.
        message: String,
    },
}

impl Failed {
    /// What was done until the failure, if anything ran.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Component { report, .. } => Some(report),
            Self::Threads { .. } => None,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component { component, task, message, report } => write!(
                f,
                "topology `{}` failed: task {task} of `{component}` could not be kept alive: {message}",
                report.status.topology
            ),
            Self::Threads { message } => write!(f, "the threads could not be started: {message}"),
        }
    }
}

impl std::error::Error for Failed {}

/// The task that made a topology fail.
#[derive(Clone, Debug)]
pub(crate) struct Culprit {
    pub(crate) component: String,
    pub(crate) task: usize,
    pub(crate) message: String,
}

impl Culprit {
    pub(crate) fn happening(&self) -> HappeningKind {
        let Self { component, task, message } = self;
        HappeningKind::Failed { component: component.clone(), task: *task, message: cut(message) }
    }

    pub(crate) fn into_failed(self, report: Report) -> Failed {
        let Self { component, task, message } = self;
        Failed::Component { component, task, message, report: Box::new(report) }
    }
}
