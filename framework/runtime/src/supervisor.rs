//! [`Supervisor`]: the actor that starts the tasks of a topology, judges their exits and ends it all.

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, SpawnHandle, System};
use squall_core::{Control, Exit, Kind, Phase};
use tracing::{debug, info, warn};

use crate::{
    placement::Placement,
    report::Culprit,
    restarts::{Restarts, Verdict},
    shared::Shared,
    status::TaskState,
    task_actor::{Release, Run, Stop, TaskActor},
    wiring::Seed,
};

/// How long a spout that is told to stop may still take for its last calls, and a task to let itself be
/// dropped, before nobody waits for it any more.
const GRACE: Duration = Duration::from_secs(5);

/// A task of the topology: component, task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId {
    pub(crate) component: usize,
    pub(crate) task: usize,
}

/// From a task: its run ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Exited {
    pub(crate) id: TaskId,
    pub(crate) exit: Exit,
    /// Runs before this one, since the last exit that was reported, have achieved something.
    pub(crate) has_progressed: bool,
}

/// From a task: it was dropped, as asked.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stopped {
    pub(crate) id: TaskId,
}

/// From outside.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) enum Command {
    Pause,
    Resume,
    Drain { deadline: Duration },
    Kill,
}

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    control: Arc<Control>,
    placement: Placement,
    /// Tasks in the order of their components.
    tasks: Vec<Supervised>,
    deadline: Option<SpawnHandle>,
    culprit: Option<Culprit>,
    /// Bolts are being dropped.
    is_clearing: bool,
}

struct Supervised {
    id: TaskId,
    seed: Option<Seed>,
    /// Without an address held here the actor would end.
    actor: Option<Addr<TaskActor>>,
    restarts: Restarts,
    back_off: Option<SpawnHandle>,
}

impl Supervisor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        control: Arc<Control>,
        placement: Placement,
        seeds: Vec<Vec<Seed>>,
    ) -> Self {
        let mut tasks = Vec::new();
        for (component, (seeds, wiring)) in seeds.into_iter().zip(&shared.wired.components).enumerate() {
            for (task, seed) in seeds.into_iter().enumerate() {
                tasks.push(Supervised {
                    id: TaskId { component, task },
                    seed: Some(seed),
                    actor: None,
                    restarts: Restarts::new(wiring.restart),
                    back_off: None,
                });
            }
        }
        Self { shared, control, placement, tasks, deadline: None, culprit: None, is_clearing: false }
    }

    /// Builds the tasks that are not built yet, bolts before the spouts that feed them.
    fn start_tasks(&mut self, context: &mut Context<Self>) {
        for supervised in self.tasks.iter_mut().rev() {
            let Some(seed) = supervised.seed.take() else { continue };
            let id = supervised.id;
            match self.placement.start(id, seed, context.address()) {
                Ok(actor) => {
                    actor.do_send(Run);
                    supervised.actor = Some(actor);
                    self.shared.set_state(id, TaskState::Running);
                }
                Err(error) => {
                    let message = format!("no thread could be started for it: {error}");
                    let exit = Exit::Failed { message, permanent: true, progressed: false };
                    context.notify(Exited { id, exit, has_progressed: false });
                }
            }
        }
    }

    fn run_task(&mut self, id: TaskId) {
        let Some(supervised) = self.tasks.iter_mut().find(|supervised| supervised.id == id) else { return };
        supervised.back_off = None;
        if let Some(actor) = &supervised.actor {
            self.shared.set_state(id, TaskState::Running);
            actor.do_send(Run);
        }
    }

    fn judge(&mut self, id: TaskId, exit: &Exit, has_progressed: bool) -> Verdict {
        if self.is_clearing {
            return Verdict::Finish;
        }
        let is_spout = self.shared.kind(id) == Some(Kind::Spout);
        // An end that was asked for is final, whatever the policy says of ends.
        let may_begin_again = is_spout && self.control.phase() < Phase::Draining;
        let now = tokio::time::Instant::now().into_std();
        let supervised = self.tasks.iter_mut().find(|supervised| supervised.id == id);
        supervised.map_or(Verdict::Finish, |supervised| {
            if has_progressed {
                supervised.restarts.progressed();
            }
            supervised.restarts.judge(exit, may_begin_again, now)
        })
    }

    fn restart(&mut self, id: TaskId, after: Duration, context: &mut Context<Self>) {
        self.shared.count_restart(id);
        // A drain does not wait for a back-off.
        if after.is_zero() || self.control.phase() >= Phase::Draining {
            debug!(component = %self.shared.name(id), task = id.task, "Task restarted.");
            self.run_task(id);
            return;
        }
        warn!(component = %self.shared.name(id), task = id.task, ?after, "Task achieved nothing; restart delayed.");
        self.shared.set_state(id, TaskState::BackingOff);
        let handle = context.run_later(after, move |supervisor, _| supervisor.run_task(id));
        if let Some(supervised) = self.tasks.iter_mut().find(|supervised| supervised.id == id) {
            supervised.back_off = Some(handle);
        }
    }

    fn hurry_back_offs(&mut self, context: &mut Context<Self>) {
        let waiting: Vec<_> = self
            .tasks
            .iter_mut()
            .filter_map(|task| task.back_off.take().map(|handle| (task.id, handle)))
            .collect();
        for (id, handle) in waiting {
            context.cancel_future(handle);
            self.run_task(id);
        }
    }

    /// The task came to its end and will not run again.
    fn finish(&mut self, id: TaskId, context: &mut Context<Self>) {
        self.shared.set_state(id, TaskState::Finished);
        let supervised = self.tasks.iter().find(|supervised| supervised.id == id);
        if let Some(actor) = supervised.and_then(|supervised| supervised.actor.as_ref()) {
            actor.do_send(Release);
        }
        self.clear_if_spouts_are_done(context);
        self.end_if_all_is_over(context);
    }

    /// A component cannot be kept alive: the topology fails.
    fn escalate(&mut self, id: TaskId, exit: Exit, context: &mut Context<Self>) {
        self.shared.set_state(id, TaskState::Failed);
        let Exit::Failed { message, .. } = exit else { return };
        let component = self.shared.name(id).to_string();
        tracing::error!(component, task = id.task, message, "Component failed for good; the topology stops.");
        self.culprit.get_or_insert(Culprit { component, task: id.task, message });
        self.stop(context);
    }

    /// Spouts fail what is pending, then everything is dropped.
    fn stop(&mut self, context: &mut Context<Self>) {
        if self.control.phase() == Phase::Stopping {
            return self.clear_if_spouts_are_done(context);
        }
        self.control.set(Phase::Stopping);
        self.hurry_back_offs(context);
        self.deadline.replace(context.run_later(GRACE, |supervisor, context| supervisor.clear(context)));
        self.clear_if_spouts_are_done(context);
    }

    fn clear_if_spouts_are_done(&mut self, context: &mut Context<Self>) {
        let is_done = |supervised: &Supervised| {
            self.shared.kind(supervised.id) != Some(Kind::Spout) || self.shared.is_over(supervised.id)
        };
        if self.control.phase() == Phase::Stopping && self.tasks.iter().all(is_done) {
            self.clear(context);
        }
    }

    /// Drops all tasks and what is queued.
    fn clear(&mut self, context: &mut Context<Self>) {
        if self.is_clearing {
            return;
        }
        self.is_clearing = true;
        self.shared.abandon_inboxes();
        for supervised in &mut self.tasks {
            supervised.seed = None;
            match &supervised.actor {
                Some(actor) => actor.do_send(Stop),
                None => self.shared.set_state(supervised.id, TaskState::Finished),
            }
        }
        context.run_later(GRACE, |supervisor, context| supervisor.end(context));
        self.end_if_all_is_over(context);
    }

    fn end_if_all_is_over(&mut self, context: &mut Context<Self>) {
        let is_stopped = |supervised: &Supervised| {
            if self.is_clearing { supervised.actor.is_none() } else { self.shared.is_over(supervised.id) }
        };
        if self.tasks.iter().all(is_stopped) {
            self.end(context);
        }
    }

    fn end(&mut self, context: &mut Context<Self>) {
        let stuck =
            self.tasks.iter().filter(|task| !self.shared.is_over(task.id) && task.actor.is_some()).count();
        if stuck > 0 {
            warn!(tasks = stuck, "Tasks did not stop; their threads are left behind.");
        }
        self.tasks.clear();
        // Whoever waits is told when tasks, factories and what they held are dropped.
        let is_alone = self.placement.stop(stuck == 0);
        self.shared.end(self.culprit.take());
        context.stop();
        if is_alone {
            System::current().stop();
        }
    }
}

impl Drop for Supervisor {
    /// Whatever happens to the supervisor, whoever waits for the topology gets an answer.
    fn drop(&mut self) {
        self.shared.end_if_lost();
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        info!(topology = %self.shared.wired.name, "Topology started.");
        if self.control.phase() == Phase::Running {
            self.start_tasks(context);
        }
    }
}

impl Handler<Exited> for Supervisor {
    type Result = ();

    fn handle(&mut self, exited: Exited, context: &mut Self::Context) {
        let Exited { id, exit, has_progressed } = exited;
        match self.judge(id, &exit, has_progressed) {
            Verdict::Restart(after) => self.restart(id, after, context),
            Verdict::Escalate => self.escalate(id, exit, context),
            Verdict::Finish => self.finish(id, context),
        }
    }
}

impl Handler<Stopped> for Supervisor {
    type Result = ();

    fn handle(&mut self, Stopped { id }: Stopped, context: &mut Self::Context) {
        if let Some(supervised) = self.tasks.iter_mut().find(|supervised| supervised.id == id) {
            supervised.actor = None;
        }
        if !self.shared.is_over(id) {
            self.shared.set_state(id, TaskState::Finished);
        }
        self.end_if_all_is_over(context);
    }
}

impl Handler<Command> for Supervisor {
    type Result = ();

    fn handle(&mut self, command: Command, context: &mut Self::Context) {
        info!(topology = %self.shared.wired.name, ?command, "Command received.");
        match command {
            Command::Pause => {
                self.control.set(Phase::Paused);
            }
            Command::Resume => {
                if self.control.set(Phase::Running) {
                    self.start_tasks(context);
                }
            }
            Command::Drain { deadline } => {
                // Tasks of a topology that was never resumed have nothing to drain.
                if self.tasks.iter().any(|supervised| supervised.seed.is_some()) {
                    return self.stop(context);
                }
                if self.control.set(Phase::Draining) && self.deadline.is_none() {
                    self.hurry_back_offs(context);
                    let handle = context.run_later(deadline, |supervisor, context| supervisor.stop(context));
                    self.deadline = Some(handle);
                }
            }
            Command::Kill => self.stop(context),
        }
    }
}
