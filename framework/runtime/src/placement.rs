//! [`Placement`]: which thread a task gets.

use std::io;

use actix::{Actor, Addr, Arbiter, ArbiterHandle};
use squall_core::Kind;

use crate::{
    supervisor::{Supervisor, TaskId},
    task_actor::TaskActor,
    wiring::Seed,
};

/// The threads of a topology. An arbiter is a thread with a single-threaded tokio runtime.
pub(crate) enum Placement {
    /// Tasks of spouts and bolts take turns on the shared arbiters; every task of a sync bolt gets one.
    Threads { shared: Vec<Arbiter>, own: Vec<Arbiter>, next: usize },
    /// Everything on the thread of the supervisor: virtual time has one runtime.
    Here,
}

impl Placement {
    /// Starts the shared threads.
    pub(crate) fn threads(count: usize) -> io::Result<Self> {
        let shared = (0..count.max(1)).map(|_| Arbiter::try_new()).collect::<io::Result<_>>()?;
        Ok(Self::Threads { shared, own: Vec::new(), next: 0 })
    }

    /// Starts the actor of a task on the thread chosen for it.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start(
        &mut self,
        id: TaskId,
        seed: Seed,
        supervisor: Addr<Supervisor>,
    ) -> io::Result<Addr<TaskActor>> {
        let is_sync = seed.component.kind() == Kind::SyncBolt;
        let has_threads = matches!(self, Self::Threads { .. });
        let thread = self.choose(is_sync)?;
        let actor = move |_: &mut _| TaskActor::new(id, seed, is_sync && has_threads, supervisor);
        Ok(TaskActor::start_in_arbiter(&thread, actor))
    }

    fn choose(&mut self, is_sync: bool) -> io::Result<ArbiterHandle> {
        let Self::Threads { shared, own, next } = self else { return Ok(Arbiter::current()) };
        if is_sync {
            let arbiter = Arbiter::try_new()?;
            let handle = arbiter.handle();
            own.push(arbiter);
            return Ok(handle);
        }
        *next += 1;
        Ok(shared.get(*next % shared.len().max(1)).map_or_else(Arbiter::current, Arbiter::handle))
    }

    /// Ends the threads. They are waited for if `join`, that is if no task is stuck on one of them. Returns
    /// whether the supervisor's thread is of no more use either.
    pub(crate) fn stop(&mut self, join: bool) -> bool {
        let Self::Threads { shared, own, .. } = self else { return false };
        let arbiters: Vec<_> = shared.drain(..).chain(own.drain(..)).collect();
        for arbiter in &arbiters {
            arbiter.stop();
        }
        if join {
            for arbiter in arbiters {
                // An arbiter whose thread has panicked is over as well.
                drop(arbiter.join());
            }
        }
        true
    }
}
