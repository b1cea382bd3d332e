//! [`Refused`]: why a change of a running topology was not made.

use std::{fmt, time::Duration};

use squall_topology::Invalid;

/// Why a change of a running topology was not made. It runs on as it was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refused {
    /// There is no component with this name.
    UnknownComponent {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The component has no task with this number.
    UnknownTask {
        /// The component.
        component: String,
        /// The number.
        task: usize,
        /// How many tasks it has: their numbers begin at 0.
        tasks: usize,
    },
    /// The component has no stream with this name.
    UnknownStream {
        /// The component.
        component: String,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Only a spout can be paused alone.
    NotASpout {
        /// The component.
        component: String,
    },
    /// As many taps as may be are open.
    TooManyTaps {
        /// So many.
        most: usize,
    },
    /// The numbers are wrong.
    Invalid(Invalid),
    /// The topology has not begun yet, drains, or is over.
    NotRunning,
    /// Some tasks did not come to rest before the deadline.
    TooSlow {
        /// The component.
        component: String,
        /// Those of its tasks that still had something to do, or whose producers had.
        tasks: Vec<usize>,
        /// How long they were waited for.
        after: Duration,
    },
    /// A new task could not be built.
    Build {
        /// The component.
        component: String,
        /// Which of its new tasks.
        task: usize,
        /// What its factory, or the operating system, said.
        message: String,
    },
    /// A handover hook panicked; its state was taken back.
    Handover {
        /// The component.
        component: String,
        /// Which of its tasks.
        task: usize,
        /// What it said.
        message: String,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownComponent { name, known } => {
                write!(f, "there is no component `{name}`; there are: {}", known.join(", "))
            }
            Self::UnknownTask { component, task, tasks: 1 } => {
                write!(f, "`{component}` has no task {task}; it has one task, number 0")
            }
            Self::UnknownTask { component, task, tasks } => {
                write!(
                    f,
                    "`{component}` has no task {task}; it has {tasks}, from 0 to {}",
                    tasks.saturating_sub(1)
                )
            }
            Self::UnknownStream { component, name, known } if known.is_empty() => {
                write!(f, "`{component}` has no stream `{name}`; it emits nothing")
            }
            Self::UnknownStream { component, name, known } => {
                write!(f, "`{component}` has no stream `{name}`; it has: {}", known.join(", "))
            }
            Self::NotASpout { component } => write!(
                f,
                "`{component}` is no spout, and only spouts can be paused; pause the spouts that feed it"
            ),
            Self::TooManyTaps { most } => {
                write!(f, "{most} taps are open, and that is as many as may be; close one first")
            }
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::NotRunning => f.write_str(
                "the topology has not begun, drains or is over; only a running one can be changed",
            ),
            Self::TooSlow { component, tasks, after } => write!(
                f,
                "`{component}` did not come to rest within {after:?} and goes on as before: {}; look for what \
                 keeps it or its producers busy, or allow more time",
                Numbers(tasks)
            ),
            Self::Build { component, task, message } => {
                write!(
                    f,
                    "new task {task} of `{component}` could not be built: {message}; the old tasks go on"
                )
            }
            Self::Handover { component, task, message } => write!(
                f,
                "the handover hook of task {task} of `{component}` {message}; the state was taken back and the \
                 old tasks go on"
            ),
        }
    }
}

struct Numbers<'a>(&'a [usize]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        match numbers.as_slice() {
            [] => f.write_str("no task was left to wait for"),
            [one] => write!(f, "task {one} still had work"),
            many => write!(f, "tasks {} still had work", many.join(", ")),
        }
    }
}

impl std::error::Error for Refused {}
