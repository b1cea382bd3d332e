//! A new configuration for a process that runs: what is asked, what is answered, what has become of it.

mod changes;
mod configured;
mod held;
mod refusal;
mod state;
mod watch;

pub(crate) use changes::{Changes, Number, Restart};
pub(crate) use configured::Configured;
pub(crate) use held::Held;
pub(crate) use refusal::{Refusal, fault};
pub(crate) use state::{ConfigState, Shown, Trigger};
pub(crate) use watch::Watch;

use tokio::sync::oneshot;

/// What became of an order.
pub(crate) type Answer = Result<Changes, Refusal>;

/// How many orders may wait: whoever comes then is told to come back.
pub(crate) const MOST_ORDERS: usize = 8;

/// What the process is asked to do about its configuration.
#[derive(Debug)]
pub(crate) enum Order {
    /// Say what a reload would change now.
    Plan(oneshot::Sender<Answer>),
    /// Read the configuration, and let it hold. With a hash: only if that is the file's.
    Reload(Option<String>, oneshot::Sender<Answer>),
    /// The file says something else now.
    FileChanged,
}
