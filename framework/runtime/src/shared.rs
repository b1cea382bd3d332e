//! [`Shared`]: what the supervisor and the handles of a topology both see.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use squall_core::{Kind, Life, Order};
use squall_topology::Plan;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    happening::HappeningKind,
    report::{Culprit, Failed, Report},
    status::{LeakedThreads, Status, TaskState, TopologyState, gather},
    watchdog::Leash,
    wiring::{ComponentWiring, LiveTask, Seed, TaskId, Wired},
};

pub(crate) type Outcome = Result<Report, Failed>;

pub(crate) struct Shared {
    pub(crate) wired: Wired,
    /// It holds the factories: given up when the topology is over.
    plan: Mutex<Option<Plan>>,
    /// The tasks that have actors, also those that are not at work yet, or no more: any may be stuck.
    watched: Mutex<Vec<Arc<LiveTask>>>,
    leaked: AtomicUsize,
    leak_budget: usize,
    /// Whoever opens a tap has it.
    tap_turn: Mutex<()>,
    /// Whoever changes numbers has it, while that is awaited.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// The state of some task has changed.
    changed: Notify,
    /// Let go of when the topology is over.
    leash: Mutex<Option<Leash>>,
    started: Instant,
    ended: Mutex<Option<Duration>>,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Shared {
    pub(crate) fn new(wired: Wired, plan: Plan, leak_budget: usize) -> Self {
        let (outcome, _) = watch::channel(None);
        Self {
            wired,
            plan: Mutex::new(Some(plan)),
            watched: Mutex::default(),
            leaked: AtomicUsize::new(0),
            leak_budget,
            tap_turn: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            leash: Mutex::new(None),
            started: Instant::now(),
            ended: Mutex::new(None),
            outcome,
        }
    }

    pub(crate) fn outcomes(&self) -> watch::Receiver<Option<Outcome>> {
        self.outcome.subscribe()
    }

    /// The plan with the numbers that hold now; `None` when the topology is over.
    pub(crate) fn plan(&self) -> Option<Plan> {
        self.lock_plan().clone()
    }

    pub(crate) fn set_plan(&self, plan: Plan) {
        if let Some(slot) = &mut *self.lock_plan() {
            *slot = plan;
        }
    }

    fn lock_plan(&self) -> MutexGuard<'_, Option<Plan>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody else opens a tap until this is dropped.
    pub(crate) fn tap_turn(&self) -> MutexGuard<'_, ()> {
        self.tap_turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn component(&self, index: usize) -> Option<&ComponentWiring> {
        self.wired.components.get(index)
    }

    pub(crate) fn kind(&self, id: TaskId) -> Option<Kind> {
        self.component(id.component).map(|component| component.kind)
    }

    pub(crate) fn name(&self, id: TaskId) -> &str {
        self.component(id.component).map_or("?", |component| &component.name)
    }

    /// The tasks that have actors.
    pub(crate) fn watched(&self) -> Vec<Arc<LiveTask>> {
        self.lock_watched().clone()
    }

    pub(crate) fn watch(&self, task: &Arc<LiveTask>) {
        self.lock_watched().push(Arc::clone(task));
    }

    pub(crate) fn unwatch(&self, id: TaskId) {
        self.lock_watched().retain(|task| task.id != id);
    }

    fn lock_watched(&self) -> MutexGuard<'_, Vec<Arc<LiveTask>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_state(&self, task: &LiveTask, state: TaskState) {
        task.state.set(state);
        self.tell();
    }

    /// Has whoever waits look again.
    pub(crate) fn tell(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until this holds; it is asked whenever the state of a task, or of the topology, has changed.
    pub(crate) async fn until(&self, holds: impl Fn() -> bool) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds() {
                return;
            }
            changed.await;
        }
    }

    /// Puts another life in the place of a task that is over or lost; its counts stay. `None` if it was not
    /// at work, or if the topology is over.
    pub(crate) fn replace(&self, old: &LiveTask, order: Order) -> Option<Seed> {
        let TaskId { component, task, life } = old.id;
        let plan = self.plan()?;
        let declared = plan.components().get(component)?;
        let wiring = self.component(component)?;
        if !wiring.tasks().iter().any(|own| own.id == old.id) {
            return None;
        }
        let inboxes = wiring.live().inboxes.clone();
        // Its routes are made before those of the old one are taken away: no inbox closes in between.
        let seed = self.wired.seed(&plan, (component, declared), task, &inboxes, order);
        self.revoke(life);
        let mut live = wiring.live();
        let place = live.tasks.iter_mut().find(|other| other.id == old.id)?;
        *place = Arc::clone(&seed.live);
        live.keep_counts_of(old);
        Some(seed)
    }

    /// Takes its senders away from a life.
    pub(crate) fn revoke(&self, life: Life) {
        for component in &self.wired.components {
            component.live().inboxes.iter().for_each(|inbox| inbox.revoke(life));
            component.link.revoke(life);
        }
    }

    /// How long a call may last, by component.
    pub(crate) fn limits(&self) -> Vec<Duration> {
        let plan = self.lock_plan();
        plan.iter().flat_map(|plan| plan.components()).map(|component| component.stuck_after).collect()
    }

    /// Keeps the watchdog until the topology is over.
    pub(crate) fn leash(&self, leash: Leash) {
        self.leash.lock().unwrap_or_else(PoisonError::into_inner).replace(leash);
    }

    /// Counts a call that has kept its thread, also of a task that is not at work.
    pub(crate) fn count_stuck(&self, task: &LiveTask) {
        let Some(wiring) = self.component(task.id.component) else { return };
        let mut live = wiring.live();
        if live.tasks.iter().any(|own| own.id == task.id) {
            task.probe.counters.count_stuck();
        } else {
            live.former_of(task.id.task).stuck += 1;
        }
    }

    /// Counts a thread that is left behind. Returns whether the budget allows it.
    pub(crate) fn leak_thread(&self) -> bool {
        self.leaked.fetch_add(1, Relaxed) < self.leak_budget
    }

    pub(crate) fn leaked_threads(&self) -> LeakedThreads {
        LeakedThreads { count: self.leaked.load(Relaxed), budget: self.leak_budget }
    }

    /// Fails everything that waits in an inbox.
    pub(crate) fn abandon_inboxes(&self) {
        for component in &self.wired.components {
            component.live().inboxes.iter().for_each(|inbox| {
                inbox.abandon();
            });
        }
    }

    pub(crate) fn status(&self) -> Status {
        let state = match &*self.outcome.borrow() {
            None => self.wired.control.phase().into(),
            Some(Ok(_)) => TopologyState::Ended,
            Some(Err(_)) => TopologyState::Failed,
        };
        self.gather(state, self.uptime())
    }

    fn gather(&self, state: TopologyState, uptime: Duration) -> Status {
        gather(&self.wired, state, uptime, || self.leaked_threads())
    }

    fn uptime(&self) -> Duration {
        let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.unwrap_or_else(|| self.started.elapsed())
    }

    /// The supervisor is gone. Nothing happens if the topology had ended before.
    pub(crate) fn end_if_lost(&self) {
        if self.outcome.borrow().is_none() {
            let message = "its supervisor is gone, which is a fault of Squall".to_owned();
            self.end(Some(Culprit { component: "supervisor".to_owned(), task: 0, message }));
        }
    }

    /// The topology is over: whoever waits is told.
    pub(crate) fn end(&self, culprit: Option<Culprit>) {
        drop(self.lock_plan().take());
        drop(self.leash.lock().unwrap_or_else(PoisonError::into_inner).take());
        let duration = self.started.elapsed();
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(duration);
        let state = if culprit.is_some() { TopologyState::Failed } else { TopologyState::Ended };
        self.wired.happenings.note_end(culprit.as_ref().map_or(HappeningKind::Ended, Culprit::happening));
        self.wired.components.iter().for_each(|component| component.taps.close());
        let report = Report { status: self.gather(state, duration), duration };
        let outcome = match culprit {
            None => Ok(report),
            Some(culprit) => Err(culprit.into_failed(report)),
        };
        self.outcome.send_if_modified(|slot| {
            let is_first = slot.is_none();
            slot.get_or_insert(outcome);
            is_first
        });
    }
}
