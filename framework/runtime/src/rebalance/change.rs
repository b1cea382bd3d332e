//! [`Change`]: a rebalance under way.

use std::{cell::RefCell, ops::Range, rc::Rc, sync::Arc, time::Duration};

use actix::Addr;
use squall_core::{AnyInbox, Kind, Order, Phase};
use squall_topology::{ComponentPlan, Plan};
use tokio::time::{Instant, timeout_at};

use crate::{
    refused::Refused,
    roster::Roster,
    shared::Shared,
    status::TaskState,
    supervisor::Supervisor,
    task_actor::Prepare,
    wiring::{ComponentWiring, LiveTask, Seed, inboxes},
};

pub(super) struct Change {
    pub(super) plan: Plan,
    pub(super) component: usize,
    pub(super) now: ComponentPlan,
    pub(super) next: ComponentPlan,
    pub(super) shared: Arc<Shared>,
    pub(super) roster: Rc<RefCell<Roster>>,
    pub(super) supervisor: Addr<Supervisor>,
    pub(super) deadline: Instant,
    pub(super) patience: Duration,
}

/// Tasks that are built and not at work yet.
pub(super) type Reserve = Vec<Arc<LiveTask>>;

impl Change {
    /// More or fewer tasks take from the one inbox.
    pub(super) async fn resize(&self) -> Result<(), Refused> {
        let (now, next) = (self.now.tasks, self.next.tasks);
        if next > now {
            let inboxes = self.inboxes();
            let added = self.build(&self.next, now..next, &inboxes, Order::Run).await?;
            self.set_readers(next);
            self.wiring(|wiring| wiring.live().tasks.extend(added.iter().cloned()));
            self.shared.set_plan(self.next_plan());
            self.put_to_work(&added);
            return Ok(());
        }
        let retiring = || self.tasks().into_iter().filter(|task| task.id.task >= next).collect::<Vec<_>>();
        self.order(&retiring(), Order::Retire);
        self.roster.borrow().hurry_back_offs();
        if !self.wait(|| retiring().iter().all(|task| task.is_over())).await {
            return Err(self.stay(&retiring()));
        }
        self.forget(&retiring());
        self.set_readers(next);
        Ok(())
    }

    /// Tasks that should have retired and did not in time go on; those that did are replaced.
    fn stay(&self, retiring: &[Arc<LiveTask>]) -> Refused {
        let refused = self.too_slow(retiring);
        self.order(retiring, Order::Run);
        self.replace_those_that_are_over();
        refused
    }

    /// Tasks that have retired in vain get another life.
    pub(super) fn replace_those_that_are_over(&self) {
        for task in self.tasks().iter().filter(|task| task.is_over() && !task.has_ended()) {
            if let Some(seed) = self.shared.replace(task, Order::Run) {
                self.take_on(seed);
            }
            self.roster.borrow_mut().dismiss(task.id);
        }
    }

    /// Other tasks, with other inboxes, take the place of all tasks.
    pub(super) async fn swap(&self) -> Result<(), Refused> {
        // First: a task whose inbox closes must know that it is not for good.
        self.tasks().iter().for_each(|task| task.orders.set(Order::Park));
        self.wiring(|wiring| wiring.link.shut());
        self.roster.borrow().wake_all();
        self.roster.borrow().hurry_back_offs();
        let is_at_rest = |task: &Arc<LiveTask>| task.is_over() || task.state.get() == TaskState::Parked;
        if !self.wait(|| self.tasks().iter().all(is_at_rest)).await {
            let busy: Vec<_> = self.tasks().into_iter().filter(|task| !is_at_rest(task)).collect();
            self.go_on();
            return Err(self.too_slow(&busy));
        }
        let inboxes = inboxes(&self.next);
        let reserve = match self.build(&self.next, 0..self.next.tasks, &inboxes, Order::Run).await {
            Ok(reserve) => reserve,
            Err(refused) => return Err(self.roll_back(&[], refused)),
        };
        if self.now.component().hands_over() {
            self.hand_over(&reserve).await.map_err(|refused| self.roll_back(&reserve, refused))?;
        } else {
            self.drain_old().await;
        }
        self.exchange(&reserve, &inboxes);
        self.wiring(|wiring| wiring.link.open(inboxes));
        self.shared.set_plan(self.next_plan());
        self.put_to_work(&reserve);
        Ok(())
    }

    /// The old tasks say their last words. From here on there is no way back: a call that hangs is ended by
    /// its own limit.
    async fn drain_old(&self) {
        let left = || self.tasks().into_iter().filter(|task| !task.is_over()).collect::<Vec<_>>();
        self.order(&left(), Order::Retire);
        left().iter().for_each(|task| self.roster.borrow().run(task.id));
        self.shared.until(|| left().is_empty() || self.roster.borrow().is_clearing()).await;
    }

    fn roll_back(&self, reserve: &[Arc<LiveTask>], refused: Refused) -> Refused {
        self.dismiss(reserve);
        self.go_on();
        refused
    }

    /// The old tasks work on with their old inboxes.
    fn go_on(&self) {
        self.wiring(|wiring| wiring.link.open(wiring.live().inboxes.clone()));
        let tasks = self.tasks();
        tasks.iter().for_each(|task| task.orders.set(Order::Run));
        for task in tasks.iter().filter(|task| task.state.get() == TaskState::Parked) {
            self.roster.borrow().run(task.id);
        }
    }

    /// Builds tasks that do not work yet.
    pub(super) async fn build(
        &self,
        declared: &ComponentPlan,
        tasks: Range<usize>,
        inboxes: &[AnyInbox],
        order: Order,
    ) -> Result<Reserve, Refused> {
        let mut reserve = Reserve::new();
        let mut end = Ok(());
        for task in tasks {
            let seed = self.shared.wired.seed(&self.plan, (self.component, declared), task, inboxes, order);
            reserve.push(Arc::clone(&seed.live));
            end = end.and(self.prepare(seed).await);
        }
        end.inspect_err(|_| self.dismiss(&reserve)).map(|()| reserve)
    }

    async fn prepare(&self, seed: Seed) -> Result<(), Refused> {
        let live = Arc::clone(&seed.live);
        let failed = |message: String| Refused::Build {
            component: self.now.name.to_string(),
            task: live.id.task,
            message,
        };
        let enlisted = self.roster.borrow_mut().enlist(seed).ok_or(Refused::NotRunning)?;
        let started = self.roster.borrow_mut().start(enlisted, &self.supervisor);
        started.map_err(|error| failed(error.to_string()))?;
        let Some(actor) = self.roster.borrow().actor(enlisted) else { return Err(Refused::NotRunning) };
        match timeout_at(self.deadline, actor.send(Prepare)).await {
            Ok(Ok(built)) => built.map_err(failed),
            Ok(Err(_)) => Err(Refused::NotRunning),
            Err(_) => Err(failed(format!("it was not ready within {:?}", self.patience))),
        }
    }

    /// Takes on a task that is built when it runs.
    pub(super) fn take_on(&self, seed: Seed) {
        let enlisted = self.roster.borrow_mut().enlist(seed);
        let Some(id) = enlisted else { return };
        let started = self.roster.borrow_mut().start(id, &self.supervisor);
        match started {
            Ok(()) => self.roster.borrow().run(id),
            Err(error) => tracing::error!(%error, task = id.task, "No thread could be started for a task."),
        }
    }

    /// The new tasks begin, under the new plan.
    pub(super) fn put_to_work(&self, reserve: &[Arc<LiveTask>]) {
        for task in reserve {
            let is_there = self.roster.borrow().actor(task.id).is_some();
            if is_there {
                self.roster.borrow().run(task.id);
            } else if let Some(seed) = self.shared.replace(task, Order::Run) {
                // Its thread was lost before it began.
                self.take_on(seed);
            }
        }
    }

    /// Whether the component has come to its end by itself: nothing is left to change.
    pub(super) fn has_ended(&self) -> bool {
        let kind = self.now.kind();
        self.tasks().iter().all(|task| task.is_over() && (kind != Kind::Spout || task.has_ended()))
    }

    pub(super) fn dismiss(&self, tasks: &[Arc<LiveTask>]) {
        tasks.iter().for_each(|task| self.roster.borrow_mut().dismiss(task.id));
    }

    /// Tasks that are over are no more: their counts stay.
    pub(super) fn forget(&self, tasks: &[Arc<LiveTask>]) {
        self.wiring(|wiring| {
            let mut live = wiring.live();
            for task in tasks {
                live.keep_counts_of(task);
                live.tasks.retain(|other| other.id != task.id);
            }
        });
        self.dismiss(tasks);
    }

    /// These take the place of all tasks, and these inboxes of the others. Whoever looks sees either.
    pub(super) fn exchange(&self, reserve: &[Arc<LiveTask>], inboxes: &[AnyInbox]) {
        let old = self.tasks();
        self.wiring(|wiring| {
            let mut live = wiring.live();
            for task in &old {
                live.keep_counts_of(task);
            }
            live.tasks = reserve.to_vec();
            live.inboxes = inboxes.to_vec();
        });
        self.dismiss(&old);
    }

    /// Waits until this holds. Returns false if it does not by the deadline, or if the topology is to end.
    pub(super) async fn wait(&self, holds: impl Fn() -> bool) -> bool {
        let is_ending = || self.shared.wired.control.phase() >= Phase::Draining;
        let rest = self.shared.until(|| holds() || is_ending());
        timeout_at(self.deadline, rest).await.is_ok() && holds()
    }

    pub(super) fn order(&self, tasks: &[Arc<LiveTask>], order: Order) {
        tasks.iter().for_each(|task| task.orders.set(order));
        self.roster.borrow().wake_all();
    }

    pub(super) fn tasks(&self) -> Vec<Arc<LiveTask>> {
        self.wiring(ComponentWiring::tasks).unwrap_or_default()
    }

    pub(super) fn inboxes(&self) -> Vec<AnyInbox> {
        self.wiring(|wiring| wiring.live().inboxes.clone()).unwrap_or_default()
    }

    pub(super) fn wiring<R>(&self, of: impl FnOnce(&ComponentWiring) -> R) -> Option<R> {
        self.shared.component(self.component).map(of)
    }

    fn set_readers(&self, readers: usize) {
        self.inboxes().iter().for_each(|inbox| inbox.set_readers(readers));
    }

    pub(super) fn set_capacity(&self) {
        self.inboxes().iter().for_each(|inbox| inbox.set_capacity(self.next.inbox));
    }

    pub(super) fn next_plan(&self) -> Plan {
        let mut plan = self.plan.clone();
        plan.set_component(self.component, self.next.clone());
        plan
    }

    pub(super) fn too_slow(&self, tasks: &[Arc<LiveTask>]) -> Refused {
        if self.shared.wired.control.phase() >= Phase::Draining {
            return Refused::NotRunning;
        }
        let busy = tasks.iter().filter(|task| !task.is_over()).map(|task| task.id.task).collect();
        Refused::TooSlow { component: self.now.name.to_string(), tasks: busy, after: self.patience }
    }
}
