//! Typed components behind erased faces: a [`Component`] makes [`Task`]s, and whoever hosts them never
//! names a tuple type.

mod any_inbox;
mod bolt;
mod factory;
mod spout;

use std::{fmt, rc::Rc, sync::Arc, time::Duration};

use crate::{
    Reason,
    concurrent::CallOptions,
    handover::AnyShares,
    host::{Control, Host, LocalFuture},
    orders::Orders,
    outputs::AnyRoute,
    panics::Panicked,
    probe::Probe,
    replay::Replaying,
    tap::Taps,
};

pub use any_inbox::AnyInbox;
pub(crate) use any_inbox::Keeper;
pub(crate) use bolt::bolt_task;
pub use bolt::{BoltComponent, sync_component};
pub use factory::{Factory, Fallible, Plain};
pub use spout::SpoutComponent;

/// Which task this is. Factories of `spout_with` and `bolt_with` get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskContext {
    /// The topology's name.
    pub topology: Arc<str>,
    /// The component's name.
    pub component: Arc<str>,
    /// This task among the tasks of its component, from 0.
    pub task: usize,
    /// How many tasks the component has.
    pub tasks: usize,
    /// How long a tuple that reaches this task may be held: the least message timeout of the spouts above it, or
    /// its own if it is a spout.
    pub message_timeout: Duration,
}

/// What kind of component it is, and so which thread its tasks get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A source.
    Spout,
    /// A processor that may await; its tasks share threads.
    Bolt,
    /// A processor that computes or blocks; each task has a thread of its own.
    SyncBolt,
}

/// A declared spout or bolt.
pub trait Component: Send + Sync {
    /// What kind of component it is.
    fn kind(&self) -> Kind;

    /// The names of its output streams.
    fn streams(&self) -> &'static [&'static str];

    /// Makes an inbox for `readers` of its tasks; a spout has none.
    fn inbox(&self, capacity: usize, readers: usize) -> Option<AnyInbox>;

    /// Whether its in-memory state moves with its keys in a rebalance.
    fn hands_over(&self) -> bool;

    /// Puts a task together, on the thread that will run it.
    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task>;
}

/// Everything of a task that a restart must not lose: inbox, unsent output, pending roots.
pub trait Task {
    /// Builds the user's part, unless it is there, and runs it until it ends. Call it again to restart it,
    /// or after [`Exit::Parked`] to go on.
    fn run(&mut self) -> LocalFuture<'_, Exit>;

    /// Has its routes look at their links while it does not run, so that it keeps no link from shutting.
    fn look_at_links(&mut self);

    /// Builds the user's part without running it.
    ///
    /// # Errors
    ///
    /// The factory answered `Err` or panicked.
    fn prepare(&mut self) -> LocalFuture<'_, Result<(), String>>;

    /// Takes the state out of a parked bolt that hands over; `None` for any other. If the hook panics, what
    /// it gave until then comes with the error.
    fn give(&mut self) -> Option<(AnyShares, Result<(), Panicked>)>;

    /// Takes state in. The user's part must be there.
    ///
    /// # Errors
    ///
    /// The hook panicked.
    fn take(&mut self, shares: AnyShares) -> Result<(), Panicked>;
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A spout came to its end, or a bolt was drained.
    Finished {
        /// Something was executed or acked since the run began.
        progressed: bool,
    },
    /// A bolt was told to park: its inbox is closed and empty, and it can go on.
    Parked,
    /// It was [asked](crate::Orders::ask_restart) to be built anew, and has stopped between two calls of user code.
    /// Everything that outlives a failure is there.
    Restart,
    /// It was told to [retire](crate::Order::Retire) and has.
    Retired,
    /// The factory, or a spout's `next`, answered `Err`; user code panicked, or awaited for too long.
    Failed {
        /// `Explicit` for an `Err`, `Panic`, or `Timeout` for a call that awaited for too long.
        reason: Reason,
        /// What was said.
        message: String,
        /// Trying again is useless.
        permanent: bool,
        /// Something was executed or acked since the run began.
        progressed: bool,
    },
}

/// What a task is made of.
pub struct Wiring {
    /// The inbox of a bolt.
    pub inbox: Option<AnyInbox>,
    /// The routes of each output stream.
    pub routes: Vec<Vec<AnyRoute>>,
    /// Where what it emits can be looked at.
    pub taps: Option<Arc<Taps>>,
    /// Where it counts.
    pub probe: Probe,
    /// Who it is.
    pub context: TaskContext,
    /// How the spouts of the topology are commanded.
    pub control: Arc<Control>,
    /// Roots of a spout task that may be without outcome.
    pub max_pending: usize,
    /// When a root without outcome fails.
    pub message_timeout: Duration,
    /// The period of `tick`.
    pub tick: Option<Duration>,
    /// How long a call of a bolt may await before it is dropped.
    pub stuck_after: Duration,
    /// How a concurrent bolt makes its calls.
    pub calls: CallOptions,
    /// What the task is told.
    pub orders: Arc<Orders>,
    /// How the engine replays what a spout task emits.
    pub replay: Option<Replaying>,
}

impl fmt::Debug for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring").field("context", &self.context).finish_non_exhaustive()
    }
}
