//! [`Supervisor`]: the actor that starts the tasks of a topology, judges their exits and ends it all.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use actix::{
    Actor, ActorContext, AsyncContext, Context, Handler, Message, ResponseFuture, SpawnHandle, System,
};
use squall_core::{Control, Exit, Kind, Order, Phase};
use tracing::{debug, error, info, warn};

use crate::{
    happening::HappeningKind,
    happenings::Often,
    rebalance::{Rebalance, Rebalancing},
    refused::Refused,
    renewal::Renewal,
    report::Culprit,
    restarts::Verdict,
    roster::Roster,
    shared::Shared,
    status::TaskState,
    wiring::{LiveTask, Seed, TaskId},
};

/// How long a spout that is told to stop may still take for its last calls, and a task to let itself be
/// dropped, before nobody waits for it any more.
const GRACE: Duration = Duration::from_secs(5);

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

/// From a task that was asked to be built anew: the old one is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Renewed {
    pub(crate) id: TaskId,
}

/// From outside: a spout was paused alone, or resumed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct PausedSpouts {
    pub(crate) component: usize,
}

/// From the watchdog: a call of user code keeps its thread.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stuck {
    pub(crate) task: Arc<LiveTask>,
    /// Its limit, which it has reached.
    pub(crate) limit: Duration,
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
    /// A rebalance uses it too, between its waits.
    roster: Rc<RefCell<Roster>>,
    rebalancing: Rc<Rebalancing>,
    deadline: Option<SpawnHandle>,
    culprit: Option<Culprit>,
}

impl Supervisor {
    pub(crate) fn new(shared: Arc<Shared>, roster: Roster, rebalance_deadline: Duration) -> Self {
        Self {
            control: Arc::clone(&shared.wired.control),
            shared,
            roster: Rc::new(RefCell::new(roster)),
            rebalancing: Rc::new(Rebalancing::new(rebalance_deadline)),
            deadline: None,
            culprit: None,
        }
    }

    /// Builds the tasks that are not built yet, bolts before the spouts that feed them.
    fn start_tasks(&mut self, context: &mut Context<Self>) {
        let waiting = self.roster.borrow().not_started();
        for id in waiting.into_iter().rev() {
            self.start_task(id, context);
        }
    }

    fn start_task(&mut self, id: TaskId, context: &mut Context<Self>) {
        let started = self.roster.borrow_mut().start(id, &context.address());
        match started {
            Ok(()) => self.roster.borrow().run(id),
            Err(error) => self.fail(id, format!("no thread could be started for it: {error}"), context),
        }
    }

    fn judge(&mut self, id: TaskId, exit: &Exit, has_progressed: bool) -> Verdict {
        // An end that was asked for is final, whatever the policy says of ends.
        let may_begin_again =
            self.shared.kind(id) == Some(Kind::Spout) && self.control.phase() < Phase::Draining;
        self.roster.borrow_mut().judge(id, exit, has_progressed, may_begin_again)
    }

    fn restart(&mut self, task: &LiveTask, after: Duration, context: &mut Context<Self>) {
        let id = task.id;
        task.probe.counters.count_restart();
        self.note_restart(id);
        // A drain does not wait for a back-off. A rebalance does: it must not use up the restarts.
        let is_awaited = self.control.phase() >= Phase::Draining;
        if after.is_zero() || is_awaited {
            debug!(component = %self.shared.name(id), task = id.task, "Task restarted.");
            return self.roster.borrow().run(id);
        }
        warn!(component = %self.shared.name(id), task = id.task, ?after, "Task achieved nothing; restart delayed.");
        self.shared.set_state(task, TaskState::BackingOff);
        context.run_later(after, move |supervisor, _| supervisor.roster.borrow().run_if_backing_off(id));
    }

    fn note_restart(&self, id: TaskId) {
        if let Some(wiring) = self.shared.component(id.component) {
            self.shared.wired.happenings.note_often(Often::Restarted, &wiring.name, id.task, "");
        }
    }

    /// The task came to its end and will not run again.
    fn finish(&mut self, task: &LiveTask, context: &mut Context<Self>) {
        self.shared.set_state(task, TaskState::Finished);
        self.roster.borrow().release(task.id);
        self.clear_if_spouts_are_done(context);
        self.end_if_all_is_over(context);
    }

    /// A component cannot be kept alive: the topology fails.
    fn fail(&mut self, id: TaskId, message: String, context: &mut Context<Self>) {
        if let Some(task) = self.roster.borrow().live(id) {
            self.shared.set_state(&task, TaskState::Failed);
        }
        let component = self.shared.name(id).to_owned();
        error!(component, task = id.task, message, "Component failed for good; the topology stops.");
        self.culprit.get_or_insert(Culprit { component, task: id.task, message });
        self.stop(context);
    }

    /// Spouts fail what is pending, then everything is dropped.
    fn stop(&mut self, context: &mut Context<Self>) {
        if self.control.phase() == Phase::Stopping {
            return self.clear_if_spouts_are_done(context);
        }
        self.control.set(Phase::Stopping);
        self.shared.tell();
        self.roster.borrow().hurry_back_offs();
        self.deadline.replace(context.run_later(GRACE, |supervisor, context| supervisor.clear(context)));
        self.clear_if_spouts_are_done(context);
    }

    fn clear_if_spouts_are_done(&mut self, context: &mut Context<Self>) {
        let are_done = self.roster.borrow().all_over(|kind| kind == Kind::Spout);
        if self.control.phase() == Phase::Stopping && are_done {
            self.clear(context);
        }
    }

    /// Drops all tasks and what is queued.
    fn clear(&mut self, context: &mut Context<Self>) {
        if self.roster.borrow().is_clearing() {
            return;
        }
        self.roster.borrow_mut().clear();
        self.shared.tell();
        context.run_later(GRACE, |supervisor, context| supervisor.end(context));
        self.end_if_all_is_over(context);
    }

    fn end_if_all_is_over(&mut self, context: &mut Context<Self>) {
        let is_over = {
            let roster = self.roster.borrow();
            if roster.is_clearing() {
                !roster.has_actors()
            } else {
                roster.all_over(|_| true) && !roster.has_dismissed()
            }
        };
        // A rebalance has its last word first: between two lives of a component nobody may be alive.
        if is_over && !self.rebalancing.is_under_way() {
            self.end(context);
        }
    }

    fn end(&mut self, context: &mut Context<Self>) {
        // Whoever waits is told when tasks, factories and what they held are dropped.
        let (stuck, is_alone) = self.roster.borrow_mut().end();
        if stuck > 0 {
            warn!(tasks = stuck, "Tasks did not stop; their threads are left behind.");
        }
        self.shared.end(self.culprit.take());
        context.stop();
        if is_alone {
            System::current().stop();
        }
    }

    /// A thread does not come back: it is left behind, and all that ran on it is built anew elsewhere.
    fn give_up(&mut self, stuck: &LiveTask, limit: Duration, context: &mut Context<Self>) {
        let id = stuck.id;
        let lost = self.roster.borrow_mut().lose_thread_of(id);
        let Some((lost, replaced)) = lost else { return };
        if let Err(error) = replaced {
            return self.fail(id, format!("no thread for its neighbours: {error}"), context);
        }
        let message = format!("stuck: a call has kept its thread for {limit:?}; the thread is left behind");
        let is_within_budget = self.shared.leak_thread();
        self.shared.count_stuck(stuck);
        stuck.probe.errors.report(id.task, &message);
        if let Some(wiring) = self.shared.component(id.component) {
            self.shared.wired.happenings.note_often(Often::Stuck, &wiring.name, id.task, &message);
        }
        let component = self.shared.name(id).to_owned();
        warn!(
            component,
            task = id.task,
            ?limit,
            on_its_thread = lost.tasks().count(),
            "Task is stuck; thread left behind."
        );
        for task in lost.at_work() {
            self.revive(task, context);
        }
        for task in lost.tasks() {
            task.orders.set(Order::Halt);
            self.shared.revoke(task.id.life);
        }
        drop(lost);
        if !is_within_budget {
            let budget = self.shared.leaked_threads().budget;
            self.fail(id, format!("{message}; that is one more than the budget of {budget}"), context);
        }
        self.end_if_all_is_over(context);
    }

    /// Puts another life in the place of a task whose thread is lost.
    fn revive(&mut self, lost: &LiveTask, context: &mut Context<Self>) {
        let order = lost.orders.get();
        lost.orders.set(Order::Halt);
        lost.probe.counters.halt();
        let Some(seed) = self.shared.replace(lost, order) else { return };
        seed.live.probe.counters.count_restart();
        self.note_restart(seed.live.id);
        self.take_on(seed, context);
    }

    /// A task has retired after its order was taken back: another life takes its place.
    fn begin_again(&mut self, retired: &LiveTask, context: &mut Context<Self>) {
        let Some(seed) = self.shared.replace(retired, retired.orders.get()) else {
            return self.finish(retired, context);
        };
        self.roster.borrow_mut().dismiss(retired.id);
        self.take_on(seed, context);
    }

    fn take_on(&mut self, seed: Seed, context: &mut Context<Self>) {
        let enlisted = self.roster.borrow_mut().enlist(seed);
        if let Some(id) = enlisted {
            self.start_task(id, context);
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
        self.shared.wired.happenings.note(HappeningKind::Started);
        if self.control.phase() == Phase::Running {
            self.start_tasks(context);
        }
    }
}

impl Handler<Exited> for Supervisor {
    type Result = ();

    fn handle(&mut self, exited: Exited, context: &mut Self::Context) {
        let Exited { id, exit, has_progressed } = exited;
        // Unknown: it was given up.
        let Some(task) = self.roster.borrow().live(id) else { return };
        let order = task.orders.get();
        if exit == Exit::Parked {
            self.shared.set_state(&task, TaskState::Parked);
            if order != Order::Park {
                // The order was taken back meanwhile.
                self.roster.borrow().run(id);
            }
            return;
        }
        let is_ending = self.control.phase() >= Phase::Draining;
        if exit == Exit::Retired && order != Order::Retire && !is_ending {
            return self.begin_again(&task, context);
        }
        match (self.judge(id, &exit, has_progressed), exit) {
            (Verdict::Restart(after), _) => self.restart(&task, after, context),
            (Verdict::Escalate, Exit::Failed { message, .. }) => self.fail(id, message, context),
            (Verdict::Escalate | Verdict::Finish, _) => self.finish(&task, context),
        }
    }
}

impl Handler<Stopped> for Supervisor {
    type Result = ();

    fn handle(&mut self, Stopped { id }: Stopped, context: &mut Self::Context) {
        self.roster.borrow_mut().stopped(id);
        self.end_if_all_is_over(context);
    }
}

impl Handler<Renewed> for Supervisor {
    type Result = ();

    fn handle(&mut self, Renewed { id }: Renewed, _: &mut Self::Context) {
        let Some(task) = self.roster.borrow().live(id) else { return };
        let component = self.shared.name(id).to_owned();
        info!(component, task = id.task, "Task restarted, as asked.");
        self.shared.wired.happenings.note(HappeningKind::RestartedAsAsked { component, task: id.task });
        task.renewals.settle();
        self.shared.tell();
    }
}

impl Handler<PausedSpouts> for Supervisor {
    type Result = ();

    fn handle(&mut self, PausedSpouts { component }: PausedSpouts, _: &mut Self::Context) {
        // What holds now: of several such messages any may come last.
        if let Some(wiring) = self.shared.component(component) {
            self.roster.borrow().pause(component, wiring.is_paused.load(Relaxed));
        }
    }
}

impl Handler<Stuck> for Supervisor {
    type Result = ();

    fn handle(&mut self, Stuck { task, limit }: Stuck, context: &mut Self::Context) {
        self.give_up(&task, limit, context);
    }
}

impl Handler<Rebalance> for Supervisor {
    type Result = ResponseFuture<Result<(), Refused>>;

    fn handle(&mut self, rebalance: Rebalance, context: &mut Self::Context) -> Self::Result {
        let address = context.address();
        let (shared, roster) = (Arc::clone(&self.shared), Rc::clone(&self.roster));
        let rebalancing = Rc::clone(&self.rebalancing);
        Box::pin(async move { rebalancing.run(rebalance, shared, roster, address).await })
    }
}

impl Handler<Renewal> for Supervisor {
    type Result = ResponseFuture<Result<(), Refused>>;

    fn handle(&mut self, renewal: Renewal, _: &mut Self::Context) -> Self::Result {
        let (shared, roster) = (Arc::clone(&self.shared), Rc::clone(&self.roster));
        Box::pin(renewal.run(shared, roster, Rc::clone(&self.rebalancing)))
    }
}

/// From a rebalance: it is over, and what waited for it may go on.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Rebalanced;

impl Handler<Rebalanced> for Supervisor {
    type Result = ();

    fn handle(&mut self, _: Rebalanced, context: &mut Self::Context) {
        self.clear_if_spouts_are_done(context);
        self.end_if_all_is_over(context);
    }
}

impl Handler<Command> for Supervisor {
    type Result = ();

    fn handle(&mut self, command: Command, context: &mut Self::Context) {
        info!(topology = %self.shared.wired.name, ?command, "Command received.");
        let before = self.control.phase();
        self.obey(command, context);
        self.note(command, before);
        // A rebalance does not wait for what will not come any more.
        self.shared.tell();
    }
}

impl Supervisor {
    /// Notes a command that has changed something.
    fn note(&self, command: Command, before: Phase) {
        if self.control.phase() == before {
            return;
        }
        self.shared.wired.happenings.note(match command {
            Command::Pause => HappeningKind::Paused,
            Command::Resume => HappeningKind::Resumed,
            Command::Drain { deadline } => {
                HappeningKind::Draining { deadline_seconds: deadline.as_secs_f64() }
            }
            Command::Kill => HappeningKind::Killed,
        });
    }

    fn obey(&mut self, command: Command, context: &mut Context<Self>) {
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
                if !self.roster.borrow().not_started().is_empty() && !self.rebalancing.is_under_way() {
                    return self.stop(context);
                }
                if self.control.set(Phase::Draining) && self.deadline.is_none() {
                    self.roster.borrow().hurry_back_offs();
                    let handle = context.run_later(deadline, |supervisor, context| supervisor.stop(context));
                    self.deadline = Some(handle);
                }
            }
            Command::Kill => self.stop(context),
        }
    }
}
