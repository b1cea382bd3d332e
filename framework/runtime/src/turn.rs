//! [`Turn`]: the right to change the numbers of a topology.

use std::fmt;

use squall_topology::{Plan, TopologySettings};
use tokio::sync::MutexGuard;

use crate::{rebalance::Rebalance, refused::Refused, running::Running};

/// The right to change the numbers of a topology, until it is dropped: one has it at a time.
///
/// ```
/// use squall_runtime::{Options, Running};
/// # use squall_core::{Emit, Next, Result, Spout, SpoutOutput};
/// # use squall_topology::TopologyBuilder;
/// # struct Numbers;
/// # impl Spout for Numbers {
/// #     type Id = u64;
/// #     type Out = Emit<u64>;
/// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
/// #         std::future::pending().await
/// #     }
/// # }
/// # let mut t = TopologyBuilder::new("count");
/// # t.spout("numbers", || Numbers);
/// # let plan = t.build().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
///
/// let running = Running::start(plan, Options::default().threads(1)).unwrap();
/// let turn = running.turn().await;
/// let tasks = turn.plan().unwrap().component("numbers").unwrap().tasks;
/// turn.rebalance("numbers", tasks + 1).await.unwrap();
/// drop(turn);
///
/// assert_eq!(running.plan().unwrap().component("numbers").unwrap().tasks, 2);
/// running.kill();
/// # running.wait().await.unwrap();
/// # });
/// ```
#[must_use = "whoever drops it has no right any more"]
pub struct Turn<'a> {
    pub(crate) running: &'a Running,
    pub(crate) _own: MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// The plan with the numbers that hold now; `None` when the topology is over.
    pub fn plan(&self) -> Option<Plan> {
        self.running.plan()
    }

    /// As [`Running::rebalance`], without the wait.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn rebalance(&self, component: &str, tasks: usize) -> Result<(), Refused> {
        let plan = self.plan().ok_or(Refused::NotRunning)?;
        let Some(index) = plan.components().iter().position(|own| &*own.name == component) else {
            let known = plan.component_names().into_iter().map(str::to_owned).collect();
            return Err(Refused::UnknownComponent { name: component.to_owned(), known });
        };
        let mut settings = plan.settings();
        settings.component.entry(component.to_owned()).or_default().parallelism = Some(tasks);
        let mut next = plan;
        next.configure(&settings).map_err(Refused::Invalid)?;
        self.change(index, &next).await
    }

    /// As [`Running::reconfigure`], without the wait.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn reconfigure(&self, settings: &TopologySettings) -> Result<(), Refused> {
        let before = self.plan().ok_or(Refused::NotRunning)?;
        let mut next = before.clone();
        next.configure(settings).map_err(Refused::Invalid)?;
        let mut changed = Vec::new();
        for (index, (from, to)) in before.components().iter().zip(next.components()).enumerate() {
            // Whoever gave a turn up may have left a change under way: it is not taken back by the way.
            if from.has_same_numbers(to) {
                continue;
            }
            if let Err(refused) = self.change(index, &next).await {
                for index in changed {
                    if let Err(error) = self.change(index, &before).await {
                        tracing::error!(%error, "A component keeps settings that were to be taken back.");
                    }
                }
                return Err(refused);
            }
            changed.insert(0, index);
        }
        Ok(())
    }

    async fn change(&self, index: usize, to: &Plan) -> Result<(), Refused> {
        let Some(next) = to.components().get(index).cloned() else { return Ok(()) };
        let now = self.plan().ok_or(Refused::NotRunning)?;
        if now.components().get(index).is_some_and(|now| now.has_same_numbers(&next)) {
            return Ok(());
        }
        match self.running.supervisor.send(Rebalance { component: index, next }).await {
            Ok(end) => end,
            Err(_) => Err(Refused::NotRunning),
        }
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("topology", &self.running.name()).finish_non_exhaustive()
    }
}
