//! [`Happening`]: something that happened to a running topology.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};

/// Something that happened to a running topology. Its `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Happening {
    /// Its number in this topology, from 1, without gaps.
    pub seq: u64,
    /// When; serialised as seconds since 1970.
    #[serde(serialize_with = "seconds")]
    pub at: SystemTime,
    /// What.
    #[serde(flatten)]
    pub what: HappeningKind,
}

/// What happened.
///
/// What tasks do by themselves may happen thousands of times a second: of one component and one kind there is one
/// happening a second at most, with the number of `times` since the one before and the task of the last time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HappeningKind {
    /// The topology was started.
    Started,
    /// Its spouts are asked for nothing more.
    Paused,
    /// Its spouts are asked again.
    Resumed,
    /// Its spouts are never asked again; what is in flight comes to its end.
    Draining {
        /// When what is still pending fails, in seconds from then.
        deadline_seconds: f64,
    },
    /// Somebody had it stop at once: what is in flight fails.
    Killed,
    /// A task failed: its `next` answered `Err`, its factory failed, or user code panicked.
    TaskFailed {
        /// The component.
        component: String,
        /// The task.
        task: usize,
        /// What was said, cut at [`HappeningKind::MESSAGE`] bytes.
        message: String,
        /// How many failures this stands for.
        times: u64,
    },
    /// A task was built anew.
    Restarted {
        /// The component.
        component: String,
        /// The task.
        task: usize,
        /// How many restarts this stands for.
        times: u64,
    },
    /// A task was built anew because somebody [asked](crate::Running::restart_task).
    RestartedAsAsked {
        /// The component.
        component: String,
        /// The task.
        task: usize,
    },
    /// A call of user code did not come back within `stuck_after`.
    Stuck {
        /// The component.
        component: String,
        /// The task.
        task: usize,
        /// What was said, cut at [`HappeningKind::MESSAGE`] bytes.
        message: String,
        /// How many such calls this stands for.
        times: u64,
    },
    /// A component has another number of tasks, or other settings if the number is the same.
    Rebalanced {
        /// The component.
        component: String,
        /// Tasks before.
        from: usize,
        /// Tasks now.
        to: usize,
        /// How long it took.
        seconds: f64,
    },
    /// A component could not be changed and goes on as before.
    RebalanceRefused {
        /// The component.
        component: String,
        /// What [`Refused`](crate::Refused) says.
        why: String,
    },
    /// One spout is asked for nothing more.
    SpoutPaused {
        /// The spout.
        component: String,
    },
    /// One spout is asked again.
    SpoutResumed {
        /// The spout.
        component: String,
    },
    /// The topology is over.
    Ended,
    /// The topology is over, because a component could not be kept alive.
    Failed {
        /// The component.
        component: String,
        /// The task.
        task: usize,
        /// What was said, cut at [`HappeningKind::MESSAGE`] bytes.
        message: String,
    },
}

impl HappeningKind {
    /// Bytes that are kept of a message.
    pub const MESSAGE: usize = 500;

    /// The component that it happened to; `None` if it happened to the topology.
    pub fn component(&self) -> Option<&str> {
        match self {
            Self::Started
            | Self::Paused
            | Self::Resumed
            | Self::Draining { .. }
            | Self::Killed
            | Self::Ended => None,
            Self::TaskFailed { component, .. }
            | Self::Restarted { component, .. }
            | Self::RestartedAsAsked { component, .. }
            | Self::Stuck { component, .. }
            | Self::Rebalanced { component, .. }
            | Self::RebalanceRefused { component, .. }
            | Self::SpoutPaused { component }
            | Self::SpoutResumed { component }
            | Self::Failed { component, .. } => Some(component),
        }
    }
}

/// The beginning of a message.
pub(crate) fn cut(message: &str) -> String {
    let end = message.floor_char_boundary(HappeningKind::MESSAGE);
    message.get(..end).unwrap_or_default().to_owned()
}

fn seconds<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)
    }
}

impl fmt::Display for HappeningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("The topology was started."),
            Self::Paused => f.write_str("The topology was paused: its spouts are asked for nothing more."),
            Self::Resumed => f.write_str("The topology was resumed: its spouts are asked again."),
            Self::Draining { deadline_seconds } => write!(
                f,
                "The topology drains; what is still pending after {} fails.",
                Span(*deadline_seconds)
            ),
            Self::Killed => f.write_str("The topology was told to stop at once; what is in flight fails."),
            Self::TaskFailed { component, task, message, times } => {
                write!(f, "Task {task} of `{component}` failed{}: {message}.", Times(*times))
            }
            Self::Restarted { component, task, times } => {
                write!(f, "Task {task} of `{component}` was built anew{}.", Times(*times))
            }
            Self::RestartedAsAsked { component, task } => {
                write!(f, "Task {task} of `{component}` was built anew, as asked.")
            }
            Self::Stuck { component, task, message, times } => {
                write!(f, "Task {task} of `{component}` was stuck{}: {message}.", Times(*times))
            }
            Self::Rebalanced { component, from, to, seconds } if from == to => {
                write!(f, "`{component}` was given other settings in {}.", Span(*seconds))
            }
            Self::Rebalanced { component, from, to, seconds } => {
                let unit = if *to == 1 { "task" } else { "tasks" };
                write!(f, "`{component}` went from {from} to {to} {unit} in {}.", Span(*seconds))
            }
            Self::RebalanceRefused { component, why } => {
                write!(f, "`{component}` could not be changed: {why}.")
            }
            Self::SpoutPaused { component } => {
                write!(f, "Spout `{component}` was paused: it is asked for nothing more.")
            }
            Self::SpoutResumed { component } => {
                write!(f, "Spout `{component}` was resumed: it is asked again.")
            }
            Self::Ended => f.write_str("The topology ended."),
            Self::Failed { component, task, message } => write!(
                f,
                "The topology failed: task {task} of `{component}` could not be kept alive: {message}."
            ),
        }
    }
}

struct Times(u64);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, " (the last of {} times)", self.0) } else { Ok(()) }
    }
}

/// Seconds as people read them.
struct Span(f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = Duration::try_from_secs_f64(self.0).unwrap_or_default().as_millis() as u64;
        write!(f, "{:?}", Duration::from_millis(millis))
    }
}
