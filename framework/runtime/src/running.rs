//! [`Running`]: the handle of a running topology.

use std::{
    fmt, io,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use actix::{Actor, Addr, System};
use squall_core::{Control, Phase};
use squall_topology::{Plan, TopologySettings};

use crate::{
    options::Options,
    panic_hook,
    placement::Placement,
    refused::Refused,
    report::{Failed, Report},
    roster::Roster,
    shared::Shared,
    status::Status,
    supervisor::{Command, Supervisor},
    turn::Turn,
    watchdog,
    wiring::Wired,
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
    pub(crate) shared: Arc<Shared>,
    pub(crate) supervisor: Addr<Supervisor>,
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
            let start = async {
                let placement = Placement::threads(options.thread_count().get())?;
                Self::start_on(plan, &options, placement)
            };
            let running = system.block_on(start).map_err(|error: io::Error| error.to_string());
            let has_failed = running.is_err();
            // The receiver waits just below and takes exactly this one.
            drop(sender.send(running));
            if has_failed {
                return;
            }
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
        #[expect(clippy::expect_used, reason = "only a thread can be refused, and it starts none")]
        Self::start_on(plan.clone(), options, Placement::Here).expect("no thread is started")
    }

    fn start_on(plan: Plan, options: &Options, placement: Placement) -> io::Result<Self> {
        let phase = if options.is_paused { Phase::Paused } else { Phase::Running };
        let control = Arc::new(Control::new(phase));
        let (wired, seeds) = Wired::new(&plan, &control, options.has_latencies);
        let has_threads = matches!(placement, Placement::Threads(_));
        let shared = Arc::new(Shared::new(wired, plan, options.leaked_threads));
        let roster = Roster::new(Arc::clone(&shared), placement, seeds);
        let supervisor = Supervisor::new(Arc::clone(&shared), roster, options.rebalance_deadline).start();
        if has_threads {
            watchdog::start(&shared, supervisor.clone())?;
        }
        Ok(Self { shared, supervisor })
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

    /// The plan with the numbers that hold now; `None` when it is over.
    pub fn plan(&self) -> Option<Plan> {
        self.shared.plan()
    }

    /// Gives a component another number of tasks while it runs. Nothing is lost or doubled, and no key is in
    /// two tasks at once; keyed state moves if the component is a
    /// [`stateful_bolt`](squall_topology::TopologyBuilder::stateful_bolt), and begins anew otherwise. Works on
    /// any executor. Of several at once each waits for its turn.
    ///
    /// # Errors
    ///
    /// The change was not made, and the topology runs on as before.
    pub async fn rebalance(&self, component: &str, tasks: usize) -> Result<(), Refused> {
        self.turn().await.rebalance(component, tasks).await
    }

    /// Lets other settings hold while it runs, component by component. Works on any executor. Of several at
    /// once each waits for its turn.
    ///
    /// # Errors
    ///
    /// The settings do not fit the plan, or a component could not be changed; those that were are changed
    /// back.
    pub async fn reconfigure(&self, settings: &TopologySettings) -> Result<(), Refused> {
        self.turn().await.reconfigure(settings).await
    }

    /// Waits until nobody else changes numbers of this topology, and keeps others from it: what is looked at
    /// then is still so when it is changed. Works on any executor.
    pub async fn turn(&self) -> Turn<'_> {
        Turn { running: self, _own: self.shared.turn.lock().await }
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
