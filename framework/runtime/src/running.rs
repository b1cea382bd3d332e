//! [`Running`]: the handle of a running topology.

use std::{
    fmt,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use actix::{Actor, Addr, System};
use squall_core::{Control, Phase};
use squall_topology::Plan;

use crate::{
    options::Options,
    panic_hook,
    placement::Placement,
    report::{Failed, Report},
    shared::Shared,
    status::Status,
    supervisor::{Command, Supervisor},
    wiring::wire,
};

/// A running topology. Clones are handles of one topology; dropping them does not stop it.
///
/// ```
/// use std::time::Duration;
/// use squall_runtime::{Options, Running};
/// # use squall_core::{Emit, Next, Result, Spout, SpoutOutput};
/// # use squall_topology::TopologyBuilder;
/// # struct Numbers(u64);
/// # impl Spout for Numbers {
/// #     type Id = u64;
/// #     type Out = Emit<u64>;
/// #     async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
/// #         self.0 += 1;
/// #         out.track(self.0).emit(self.0);
/// #         Ok(if self.0 < 100 { Next::Emitted } else { Next::End })
/// #     }
/// # }
/// # let mut t = TopologyBuilder::new("count");
/// # t.spout("numbers", || Numbers(0));
/// # let plan = t.build().unwrap();
///
/// let running = Running::start(plan, Options::default().threads(1))?;
/// let report = running.wait_blocking()?;
///
/// assert_eq!(report.roots().emitted, 100);
/// assert_eq!(report.roots().acked, 100);
/// # Ok::<(), squall_runtime::Failed>(())
/// ```
#[derive(Clone)]
pub struct Running {
    shared: Arc<Shared>,
    supervisor: Addr<Supervisor>,
}

impl Running {
    /// Starts a topology on threads of its own.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub fn start(plan: Plan, options: Options) -> Result<Self, Failed> {
        panic_hook::install();
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name(format!("squall-{}", plan.name()));
        let spawned = thread.spawn(move || {
            let system = System::new();
            let placement = match Placement::threads(options.thread_count().get()) {
                Ok(placement) => placement,
                // The receiver waits just below and takes exactly this one.
                Err(error) => return drop(sender.send(Err(error.to_string()))),
            };
            let running = system.block_on(async { Self::start_on(&plan, &options, placement) });
            // The plan holds the factories: it must not live as long as this thread.
            drop(plan);
            drop(sender.send(Ok(running)));
            if let Err(error) = system.run() {
                tracing::error!(%error, "The supervisor's thread failed.");
            }
        });
        let failed = |message: String| Failed::Threads { message };
        spawned.map_err(|error| failed(error.to_string()))?;
        let lost = |_| failed("the supervisor's thread ended at its start".to_owned());
        receiver.recv().map_err(lost)?.map_err(failed)
    }

    /// Starts a topology on the current thread, which must run an actix `System`: all tasks, sync bolts
    /// too, take turns on it. For tests under virtual time; see `squall-testkit`.
    pub fn start_here(plan: &Plan, options: &Options) -> Self {
        panic_hook::install();
        Self::start_on(plan, options, Placement::Here)
    }

    fn start_on(plan: &Plan, options: &Options, placement: Placement) -> Self {
        let phase = if options.is_paused { Phase::Paused } else { Phase::Running };
        let control = Arc::new(Control::new(phase));
        let (wired, seeds) = wire(plan, &control);
        let shared = Arc::new(Shared::new(wired, Arc::clone(&control)));
        let supervisor = Supervisor::new(Arc::clone(&shared), control, placement, seeds).start();
        Self { shared, supervisor }
    }

    /// The topology's name.
    pub fn name(&self) -> &str {
        &self.shared.wired.name
    }

    /// Waits until it is over: every spout has ended and all is drained, or it was stopped, or it failed.
    /// Works on any executor.
    ///
    /// # Errors
    ///
    /// A component could not be kept alive.
    pub async fn wait(&self) -> Result<Report, Failed> {
        let mut outcomes = self.shared.outcomes();
        match outcomes.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(unreachable_outcome),
            Err(_) => unreachable_outcome(),
        }
    }

    /// [`wait`](Self::wait) for a thread that is not async.
    ///
    /// # Errors
    ///
    /// A component could not be kept alive.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, whose thread must not block: await [`wait`](Self::wait) there.
    pub fn wait_blocking(&self) -> Result<Report, Failed> {
        match tokio::runtime::Builder::new_current_thread().build() {
            Ok(runtime) => runtime.block_on(self.wait()),
            Err(error) => Err(Failed::Threads { message: error.to_string() }),
        }
    }

    /// What it looks like now. Asks no task and waits for nothing.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// Spouts are asked for nothing more until [`resume`](Self::resume). What is in flight goes on.
    pub fn pause(&self) {
        self.supervisor.do_send(Command::Pause);
    }

    /// Spouts are asked again.
    pub fn resume(&self) {
        self.supervisor.do_send(Command::Resume);
    }

    /// Spouts are never asked again; each component drains when those before it are done. What is still
    /// pending after `deadline` fails with [`Reason::Shutdown`](squall_core::Reason::Shutdown). Returns at
    /// once; [`wait`](Self::wait) for the end.
    pub fn drain(&self, deadline: Duration) {
        self.supervisor.do_send(Command::Drain { deadline });
    }

    /// Everything pending fails with [`Reason::Shutdown`](squall_core::Reason::Shutdown), and the tasks
    /// are dropped where they await. Returns at once; [`wait`](Self::wait) for the end.
    pub fn kill(&self) {
        self.supervisor.do_send(Command::Kill);
    }
}

/// The sender of the outcome lives in `Shared`, which the handle holds.
fn unreachable_outcome() -> Result<Report, Failed> {
    Err(Failed::Threads { message: "the topology was lost".to_owned() })
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("topology", &self.name()).finish_non_exhaustive()
    }
}
