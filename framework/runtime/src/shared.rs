//! [`Shared`]: what the supervisor and the handles of a topology both see.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use squall_core::{Control, Kind};
use tokio::{sync::watch, time::Instant};

use crate::{
    report::{Culprit, Failed, Report},
    status::{Status, TaskState, TopologyState, gather},
    supervisor::TaskId,
    wiring::{ComponentWiring, TaskWiring, Wired},
};

pub(crate) type Outcome = Result<Report, Failed>;

pub(crate) struct Shared {
    pub(crate) wired: Wired,
    control: Arc<Control>,
    started: Instant,
    ended: Mutex<Option<Duration>>,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Shared {
    pub(crate) fn new(wired: Wired, control: Arc<Control>) -> Self {
        let (outcome, _) = watch::channel(None);
        Self { wired, control, started: Instant::now(), ended: Mutex::new(None), outcome }
    }

    pub(crate) fn outcomes(&self) -> watch::Receiver<Option<Outcome>> {
        self.outcome.subscribe()
    }

    fn component(&self, id: TaskId) -> Option<&ComponentWiring> {
        self.wired.components.get(id.component)
    }

    fn task(&self, id: TaskId) -> Option<&TaskWiring> {
        self.component(id)?.tasks.get(id.task)
    }

    pub(crate) fn kind(&self, id: TaskId) -> Option<Kind> {
        self.component(id).map(|component| component.kind)
    }

    pub(crate) fn name(&self, id: TaskId) -> &str {
        self.component(id).map_or("?", |component| &component.name)
    }

    pub(crate) fn set_state(&self, id: TaskId, state: TaskState) {
        if let Some(task) = self.task(id) {
            task.state.set(state);
        }
    }

    pub(crate) fn count_restart(&self, id: TaskId) {
        if let Some(task) = self.task(id) {
            task.probe.counters.count_restart();
        }
    }

    pub(crate) fn is_over(&self, id: TaskId) -> bool {
        self.task(id).is_none_or(|task| matches!(task.state.get(), TaskState::Finished | TaskState::Failed))
    }

    /// Fails everything that waits in an inbox.
    pub(crate) fn abandon_inboxes(&self) {
        for inbox in self.wired.components.iter().flat_map(|component| &component.inboxes) {
            inbox.abandon();
        }
    }

    pub(crate) fn status(&self) -> Status {
        let state = match &*self.outcome.borrow() {
            None => self.control.phase().into(),
            Some(Ok(_)) => TopologyState::Ended,
            Some(Err(_)) => TopologyState::Failed,
        };
        gather(&self.wired, state, self.uptime())
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
        let duration = self.started.elapsed();
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(duration);
        let state = if culprit.is_some() { TopologyState::Failed } else { TopologyState::Ended };
        let report = Report { status: gather(&self.wired, state, duration), duration };
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
