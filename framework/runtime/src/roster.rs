//! [`Roster`]: the tasks of a topology with their actors, as the supervisor keeps them.

use std::{io, sync::Arc};

use actix::Addr;
use squall_core::{Exit, Kind, Order};

use crate::{
    placement::{LostThread, Placement, ThreadId},
    restarts::{Restarts, Verdict},
    shared::Shared,
    status::TaskState,
    supervisor::Supervisor,
    task_actor::{Release, Run, Stop, TaskActor, Wake},
    wiring::{LiveTask, Seed, TaskId},
};

pub(crate) struct Roster {
    shared: Arc<Shared>,
    placement: Placement,
    /// Those of a component stand in order; those that a rebalance has not put to work yet, at the end.
    tasks: Vec<Supervised>,
    /// Everything is being dropped: no task is taken on any more.
    is_clearing: bool,
}

struct Supervised {
    live: Arc<LiveTask>,
    seed: Option<Seed>,
    /// Without an address held here the actor would end.
    actor: Option<(ThreadId, Addr<TaskActor>)>,
    restarts: Restarts,
    /// It was told to stop, and it has no work any more: it stays until its actor is gone.
    is_dismissed: bool,
}

/// What was on a thread that was given up. When this is dropped, its tasks are too, should the thread ever
/// come back: until then their routes hold the inboxes behind them open.
pub(crate) struct Lost {
    tasks: Vec<Supervised>,
    _thread: Option<LostThread>,
}

impl Lost {
    /// All its tasks.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &LiveTask> {
        self.tasks.iter().map(|task| &*task.live)
    }

    /// Those that have work to do, elsewhere.
    pub(crate) fn at_work(&self) -> impl Iterator<Item = &LiveTask> {
        self.tasks.iter().filter(|task| !task.is_dismissed && !task.live.is_over()).map(|task| &*task.live)
    }
}

impl Roster {
    pub(crate) fn new(shared: Arc<Shared>, placement: Placement, seeds: Vec<Seed>) -> Self {
        let tasks = seeds.into_iter().map(Supervised::new).collect();
        Self { shared, placement, tasks, is_clearing: false }
    }

    fn find(&self, id: TaskId) -> Option<&Supervised> {
        self.tasks.iter().find(|task| task.live.id == id && !task.is_dismissed)
    }

    fn find_mut(&mut self, id: TaskId) -> Option<&mut Supervised> {
        self.tasks.iter_mut().find(|task| task.live.id == id && !task.is_dismissed)
    }

    pub(crate) fn live(&self, id: TaskId) -> Option<Arc<LiveTask>> {
        self.find(id).map(|task| Arc::clone(&task.live))
    }

    pub(crate) fn actor(&self, id: TaskId) -> Option<Addr<TaskActor>> {
        self.find(id).and_then(|task| task.actor.as_ref()).map(|(_, actor)| actor.clone())
    }

    /// The tasks that were not started yet, bolts behind the spouts that feed them.
    pub(crate) fn not_started(&self) -> Vec<TaskId> {
        self.tasks.iter().filter(|task| task.seed.is_some()).map(|task| task.live.id).collect()
    }

    /// Takes on a task.
    pub(crate) fn enlist(&mut self, seed: Seed) -> Option<TaskId> {
        if self.is_clearing {
            return None;
        }
        let id = seed.live.id;
        self.tasks.push(Supervised::new(seed));
        Some(id)
    }

    /// Starts the actor of a task that was not started yet. It builds nothing before it is told to run.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start(&mut self, id: TaskId, supervisor: &Addr<Supervisor>) -> io::Result<()> {
        let at = self.tasks.iter_mut().find(|task| task.live.id == id);
        let Some((task, seed)) = at.and_then(|task| task.seed.take().map(|seed| (task, seed))) else {
            return Ok(());
        };
        task.actor = Some(self.placement.start(seed, supervisor.clone())?);
        self.shared.watch(&task.live);
        Ok(())
    }

    pub(crate) fn run(&self, id: TaskId) {
        if let Some(Supervised { live, actor: Some((_, actor)), .. }) = self.find(id) {
            self.shared.set_state(live, TaskState::Running);
            actor.do_send(Run);
        }
    }

    /// Ends the wait of a task for its restart.
    pub(crate) fn run_if_backing_off(&self, id: TaskId) {
        if self.find(id).is_some_and(|task| task.live.state.get() == TaskState::BackingOff) {
            self.run(id);
        }
    }

    pub(crate) fn hurry_back_offs(&self) {
        self.tasks.iter().for_each(|task| self.run_if_backing_off(task.live.id));
    }

    /// Has every task look at its orders and links.
    pub(crate) fn wake_all(&self) {
        for (_, actor) in self.tasks.iter().filter_map(|task| task.actor.as_ref()) {
            actor.do_send(Wake);
        }
    }

    /// Has one task look at its orders.
    pub(crate) fn wake(&self, id: TaskId) {
        if let Some(actor) = self.actor(id) {
            actor.do_send(Wake);
        }
    }

    /// Has the tasks of a spout asked for nothing more, or asked again; also those that are not at work yet.
    pub(crate) fn pause(&self, component: usize, is_paused: bool) {
        for task in self.tasks.iter().filter(|task| task.live.id.component == component) {
            task.live.orders.pause(is_paused);
            if let Some((_, actor)) = &task.actor {
                actor.do_send(Wake);
            }
        }
    }

    /// What to do about an exit. `is_spout`: it may begin again after its end.
    pub(crate) fn judge(&mut self, id: TaskId, exit: &Exit, has_progressed: bool, is_spout: bool) -> Verdict {
        if self.is_clearing {
            return Verdict::Finish;
        }
        let now = tokio::time::Instant::now().into_std();
        let Some(task) = self.find_mut(id) else { return Verdict::Finish };
        if has_progressed {
            task.restarts.progressed();
        }
        // Who was told to retire does not begin again.
        let may_begin_again = is_spout && task.live.orders.get() != Order::Retire;
        task.restarts.judge(exit, may_begin_again, now)
    }

    /// The task is over: it gives up its routes.
    pub(crate) fn release(&self, id: TaskId) {
        if let Some(Supervised { actor: Some((_, actor)), .. }) = self.find(id) {
            actor.do_send(Release);
        }
    }

    /// Strikes a task off whose work is done by another now, or by none.
    pub(crate) fn dismiss(&mut self, id: TaskId) {
        let Some(task) = self.find_mut(id) else { return };
        task.is_dismissed = true;
        match &task.actor {
            Some((_, actor)) => actor.do_send(Stop),
            None => self.tasks.retain(|task| task.live.id != id),
        }
    }

    /// Whether a task that was struck off has not let go yet.
    pub(crate) fn has_dismissed(&self) -> bool {
        self.tasks.iter().any(|task| task.is_dismissed)
    }

    /// Gives up the thread of a task. What was on it is struck off; `None` if the task is on none. The
    /// operating system may refuse a thread in its place.
    pub(crate) fn lose_thread_of(&mut self, id: TaskId) -> Option<(Lost, io::Result<()>)> {
        // Also that of a task that was dismissed: it may be stuck in its factory or in a `Drop`.
        let stuck = self.tasks.iter().find(|task| task.live.id == id)?;
        let lost = stuck.actor.as_ref()?.0;
        let is_lost = |task: &mut Supervised| matches!(task.actor, Some((thread, _)) if thread == lost);
        let tasks: Vec<_> = self.tasks.extract_if(.., is_lost).collect();
        tasks.iter().for_each(|task| self.shared.unwatch(task.live.id));
        let (thread, end) = self.placement.lose(lost);
        Some((Lost { tasks, _thread: thread }, end))
    }

    pub(crate) fn all_over(&self, which: impl Fn(Kind) -> bool) -> bool {
        let counts =
            |task: &&Supervised| !task.is_dismissed && self.shared.kind(task.live.id).is_some_and(&which);
        self.tasks.iter().filter(counts).all(|task| task.live.is_over())
    }

    pub(crate) fn is_clearing(&self) -> bool {
        self.is_clearing
    }

    /// Has every task dropped, and what is queued fail.
    pub(crate) fn clear(&mut self) {
        self.is_clearing = true;
        self.shared.abandon_inboxes();
        for task in &mut self.tasks {
            task.seed = None;
            match &task.actor {
                Some((_, actor)) => actor.do_send(Stop),
                None => self.shared.set_state(&task.live, TaskState::Finished),
            }
        }
    }

    /// The actor of the task is gone.
    pub(crate) fn stopped(&mut self, id: TaskId) {
        self.shared.unwatch(id);
        let Some(at) = self.tasks.iter().position(|task| task.live.id == id) else { return };
        if let Some(task) = self.tasks.get_mut(at)
            && let Some((thread, _)) = task.actor.take()
            && task.is_dismissed
        {
            self.tasks.remove(at);
            return self.placement.release(thread);
        }
        if let Some(task) = self.find(id).filter(|task| !task.live.is_over()) {
            self.shared.set_state(&task.live, TaskState::Finished);
        }
    }

    pub(crate) fn has_actors(&self) -> bool {
        self.tasks.iter().any(|task| task.actor.is_some())
    }

    /// Ends the threads. Returns how many tasks are stuck on theirs, and whether the supervisor's thread is
    /// of no more use.
    pub(crate) fn end(&mut self) -> (usize, bool) {
        let is_stuck = |task: &&Supervised| task.actor.is_some() && !task.live.is_over();
        let stuck = self.tasks.iter().filter(is_stuck).count();
        self.tasks.clear();
        (stuck, self.placement.stop(stuck == 0))
    }
}

impl Supervised {
    fn new(seed: Seed) -> Self {
        let restarts = Restarts::new(seed.restart);
        Self { live: Arc::clone(&seed.live), seed: Some(seed), actor: None, restarts, is_dismissed: false }
    }
}
