//! [`TaskActor`]: the actor of one task. Its run loop is a future of this actor; tuples do not travel
//! through its mailbox, commands do.

use std::sync::Arc;

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, ResponseActFuture,
    SpawnHandle, WrapFuture,
};
use squall_core::{AnyShares, Exit, Panicked, Probe, Reason, Task, drop_caught};
use tracing::warn;

use crate::{
    happenings::{Happenings, Often},
    host::TokioHost,
    supervisor::{Exited, Renewed, Stopped, Supervisor},
    wiring::{Seed, TaskId},
};

/// Runs the task, or runs it again. Answered by [`Exited`].
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Run;

/// The task is over: gives up its routes, so that downstream inboxes close.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Release;

/// Drops the task, whatever it does. Answered by [`Stopped`], as any end of the actor is.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

/// Has the run loop look at orders and links: a message polls the futures of its actor.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Wake;

/// Builds the user's part without running it.
#[derive(Message)]
#[rtype(result = "Result<(), String>")]
pub(crate) struct Prepare;

/// Takes the state out of a parked task; `None` if it has none to hand over.
#[derive(Message)]
#[rtype(result = "Option<(AnyShares, Result<(), Panicked>)>")]
pub(crate) struct Give;

/// Puts state into a task that is prepared or parked.
#[derive(Message)]
#[rtype(result = "Result<(), Panicked>")]
pub(crate) struct Take(pub(crate) AnyShares);

pub(crate) struct TaskActor {
    id: TaskId,
    name: Arc<str>,
    seed: Option<Seed>,
    is_own_thread: bool,
    /// What outlives a failure. Not here while it runs.
    task: Option<Box<dyn Task>>,
    run: Option<SpawnHandle>,
    /// The policy allows restarts.
    may_restart: bool,
    /// A run since the last exit that was reported has achieved something.
    has_progressed: bool,
    probe: Probe,
    happenings: Arc<Happenings>,
    supervisor: Addr<Supervisor>,
}

impl TaskActor {
    pub(crate) fn new(seed: Seed, is_own_thread: bool, supervisor: Addr<Supervisor>) -> Self {
        Self {
            id: seed.live.id,
            name: Arc::clone(&seed.wiring.context.component),
            is_own_thread,
            task: None,
            run: None,
            may_restart: seed.may_restart(),
            has_progressed: false,
            probe: seed.wiring.probe.clone(),
            happenings: Arc::clone(&seed.happenings),
            seed: Some(seed),
            supervisor,
        }
    }

    fn take_task(&mut self) -> Option<Box<dyn Task>> {
        self.task.take().or_else(|| {
            let Seed { component, wiring, .. } = self.seed.take()?;
            Some(component.task(wiring, TokioHost::of(self.is_own_thread)))
        })
    }

    /// A failure after some progress needs no judgement: the task is rebuilt here and now, for the next
    /// tuple waits. The supervisor judges all other exits; the task is kept until it has.
    fn ended(&mut self, task: Box<dyn Task>, exit: Exit, context: &mut Context<Self>) {
        self.run = None;
        self.task = Some(task);
        if exit == Exit::Restart {
            self.probe.counters.count_restart();
            self.supervisor.do_send(Renewed { id: self.id });
            return context.notify(Run);
        }
        if let Exit::Failed { reason, message, .. } = &exit {
            self.note_failure(*reason, message);
        }
        if self.may_restart && matches!(exit, Exit::Failed { permanent: false, progressed: true, .. }) {
            self.has_progressed = true;
            self.probe.counters.count_restart();
            self.happenings.note_often(Often::Restarted, &self.name, self.id.task, "");
            return context.notify(Run);
        }
        let has_progressed = std::mem::take(&mut self.has_progressed);
        self.supervisor.do_send(Exited { id: self.id, exit, has_progressed });
    }

    fn note_failure(&self, reason: Reason, message: &str) {
        let what = if reason == Reason::Timeout { Often::Stuck } else { Often::Failed };
        if what == Often::Stuck {
            warn!(component = %self.name, task = self.id.task, message, "Task was stuck.");
        }
        self.happenings.note_often(what, &self.name, self.id.task, message);
    }
}

impl Drop for TaskActor {
    /// An actor that ends with a run under way has panicked where nobody catches: the supervisor must not
    /// wait for it.
    fn drop(&mut self) {
        drop_caught(self.task.take());
        if self.run.is_some() {
            let message = "the actor of the task is gone, which is a fault of Squall".to_owned();
            let reason = Reason::Panic;
            let exit = Exit::Failed { reason, message, permanent: true, progressed: false };
            self.supervisor.do_send(Exited { id: self.id, exit, has_progressed: false });
        }
        self.supervisor.do_send(Stopped { id: self.id });
    }
}

impl Actor for TaskActor {
    type Context = Context<Self>;
}

impl Handler<Run> for TaskActor {
    type Result = ();

    fn handle(&mut self, _: Run, context: &mut Self::Context) {
        let Some(mut task) = self.take_task() else { return };
        let run = async move {
            let exit = task.run().await;
            (task, exit)
        };
        let run = run.into_actor(self).map(|(task, exit), actor, context| actor.ended(task, exit, context));
        self.run = Some(context.spawn(run));
    }
}

impl Handler<Wake> for TaskActor {
    type Result = ();

    fn handle(&mut self, _: Wake, _: &mut Self::Context) {
        // One that does not run, because it backs off, must not keep a link from shutting.
        if let Some(task) = &mut self.task {
            task.look_at_links();
        }
    }
}

impl Handler<Prepare> for TaskActor {
    type Result = ResponseActFuture<Self, Result<(), String>>;

    fn handle(&mut self, _: Prepare, _: &mut Self::Context) -> Self::Result {
        let Some(mut task) = self.take_task() else { return Box::pin(async { Ok(()) }.into_actor(self)) };
        let built = async move {
            let end = task.prepare().await;
            (task, end)
        };
        Box::pin(built.into_actor(self).map(|(task, end), actor, _| {
            actor.task = Some(task);
            end
        }))
    }
}

impl Handler<Give> for TaskActor {
    type Result = Option<(AnyShares, Result<(), Panicked>)>;

    fn handle(&mut self, _: Give, _: &mut Self::Context) -> Self::Result {
        self.task.as_mut().and_then(|task| task.give())
    }
}

impl Handler<Take> for TaskActor {
    type Result = Result<(), Panicked>;

    fn handle(&mut self, Take(shares): Take, _: &mut Self::Context) -> Self::Result {
        self.task.as_mut().map_or(Ok(()), |task| task.take(shares))
    }
}

impl Handler<Release> for TaskActor {
    type Result = ();

    fn handle(&mut self, _: Release, _: &mut Self::Context) {
        drop_caught(self.task.take());
    }
}

impl Handler<Stop> for TaskActor {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        if let Some(run) = self.run.take() {
            context.cancel_future(run);
        }
        drop_caught(self.task.take());
        context.stop();
    }
}
