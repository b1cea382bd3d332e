//! [`TaskActor`]: the actor of one task. Its run loop is a future of this actor; tuples do not travel
//! through its mailbox, commands do.

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, SpawnHandle,
    WrapFuture,
};
use squall_core::{Exit, Task, drop_caught};

use crate::{
    host::TokioHost,
    supervisor::{Exited, Stopped, Supervisor, TaskId},
    wiring::Seed,
};

/// Runs the task, or runs it again. Answered by [`Exited`].
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Run;

/// The task is over: gives up its routes, so that downstream inboxes close.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Release;

/// Drops the task, whatever it does. Answered by [`Stopped`].
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

pub(crate) struct TaskActor {
    id: TaskId,
    seed: Option<Seed>,
    is_own_thread: bool,
    /// What outlives a failure. Not here while it runs.
    task: Option<Box<dyn Task>>,
    run: Option<SpawnHandle>,
    supervisor: Addr<Supervisor>,
}

impl TaskActor {
    pub(crate) fn new(id: TaskId, seed: Seed, is_own_thread: bool, supervisor: Addr<Supervisor>) -> Self {
        Self { id, seed: Some(seed), is_own_thread, task: None, run: None, supervisor }
    }

    fn take_task(&mut self) -> Option<Box<dyn Task>> {
        self.task.take().or_else(|| {
            let Seed { component, wiring } = self.seed.take()?;
            Some(component.task(wiring, TokioHost::new(self.is_own_thread)))
        })
    }

    /// The task is kept: the supervisor decides whether it runs again.
    fn ended(&mut self, task: Box<dyn Task>, exit: Exit) {
        self.run = None;
        self.task = Some(task);
        self.supervisor.do_send(Exited { id: self.id, exit });
    }
}

impl Drop for TaskActor {
    fn drop(&mut self) {
        drop_caught(self.task.take());
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
        let run = run.into_actor(self).map(|(task, exit), actor, _| actor.ended(task, exit));
        self.run = Some(context.spawn(run));
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
        self.supervisor.do_send(Stopped { id: self.id });
        context.stop();
    }
}
