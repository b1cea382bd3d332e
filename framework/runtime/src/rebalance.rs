//! [`Rebalance`]: other numbers for a component while it runs.
//!
//! | what is changed | how |
//! |---|---|
//! | capacity of the inboxes | in place |
//! | tasks of a bolt that share an inbox | some are added, or some retire: the others work on |
//! | anything else of a bolt | [`swap`](Change::swap): its link is shut, its inboxes empty, its state is handed over or drained, other tasks take its place |
//! | anything of a spout | its tasks retire when their roots have outcomes, others take their place |
//!
//! Until the new tasks are ready everything can be taken back, and past the deadline it is.

mod change;
mod spouts;
mod state;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix::{Addr, Message};
use squall_core::{Kind, Phase};
use squall_topology::ComponentPlan;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};
use tracing::{info, warn};

use crate::{
    happening::HappeningKind,
    refused::Refused,
    roster::Roster,
    shared::Shared,
    supervisor::{Rebalanced, Supervisor},
};

use change::Change;

/// From outside: other numbers for a component.
#[derive(Message)]
#[rtype(result = "Result<(), Refused>")]
pub(crate) struct Rebalance {
    pub(crate) component: usize,
    pub(crate) next: ComponentPlan,
}

/// The rebalances of a topology: one after another.
pub(crate) struct Rebalancing {
    turn: Mutex<()>,
    is_under_way: Cell<bool>,
    deadline: Duration,
}

impl Rebalancing {
    pub(crate) fn new(deadline: Duration) -> Self {
        Self { turn: Mutex::new(()), is_under_way: Cell::new(false), deadline }
    }

    /// Waits until nothing is changed; nothing is until the turn is given back.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// How long a change may wait for tasks.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.is_under_way.get()
    }

    pub(crate) async fn run(
        &self,
        Rebalance { component, next }: Rebalance,
        shared: Arc<Shared>,
        roster: Rc<RefCell<Roster>>,
        supervisor: Addr<Supervisor>,
    ) -> Result<(), Refused> {
        let _turn = self.turn.lock().await;
        let Some(plan) = shared.plan() else { return Err(Refused::NotRunning) };
        let now = plan.components().get(component).cloned().ok_or(Refused::NotRunning)?;
        if shared.wired.control.phase() >= Phase::Draining || !roster.borrow().not_started().is_empty() {
            return Err(Refused::NotRunning);
        }
        self.is_under_way.set(true);
        let (from, to) = (now.tasks, next.tasks);
        let begin = Instant::now();
        let change = Change {
            plan,
            component,
            next,
            now,
            shared,
            roster,
            supervisor: supervisor.clone(),
            deadline: Instant::now() + self.deadline,
            patience: self.deadline,
        };
        let end = change.make().await;
        let component = change.now.name.to_string();
        change.shared.wired.happenings.note(match &end {
            Ok(()) => {
                info!(component, from, to, "Component rebalanced.");
                HappeningKind::Rebalanced { component, from, to, seconds: begin.elapsed().as_secs_f64() }
            }
            Err(refused) => {
                warn!(component, from, to, %refused, "Rebalance rolled back.");
                HappeningKind::RebalanceRefused { component, why: refused.to_string() }
            }
        });
        self.is_under_way.set(false);
        supervisor.do_send(Rebalanced);
        end
    }
}

impl Change {
    /// Makes it, or leaves everything as it was.
    async fn make(&self) -> Result<(), Refused> {
        if self.has_ended() {
            // Whoever has come to its end does not begin again.
        } else if self.numbers_that_need_new_tasks() {
            match self.now.kind() {
                Kind::Spout => self.replace_spouts().await?,
                Kind::Bolt | Kind::SyncBolt => {
                    if let Some(warning) = self.now.loses_state() {
                        warn!("{warning}");
                    }
                    self.swap().await?;
                }
            }
        } else if self.now.tasks != self.next.tasks {
            self.resize().await?;
        }
        self.set_capacity();
        self.shared.set_plan(self.next_plan());
        Ok(())
    }

    /// Whether tasks must be built anew. The number of tasks that share an inbox is no such number.
    fn numbers_that_need_new_tasks(&self) -> bool {
        let (now, next) = (&self.now, &self.next);
        let is_pool = now.kind() != Kind::Spout && now.shares_inbox() && !now.component().hands_over();
        (now.tasks != next.tasks && !is_pool) || !now.has_same_terms(next)
    }
}
