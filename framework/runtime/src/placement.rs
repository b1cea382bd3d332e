//! [`Placement`]: which thread a task gets.

use std::io;

use actix::{Actor, Addr, Arbiter, ArbiterHandle};
use squall_core::Kind;

use crate::{supervisor::Supervisor, task_actor::TaskActor, wiring::Seed};

/// A thread of a topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadId(usize);

/// The threads of a topology. An arbiter is a thread with a single-threaded tokio runtime.
pub(crate) enum Placement {
    /// Tasks of spouts and bolts take turns on the shared threads; every task of a sync bolt gets one.
    Threads(Threads),
    /// Everything on the thread of the supervisor: virtual time has one runtime.
    Here,
}

pub(crate) struct Threads {
    threads: Vec<Thread>,
    started: usize,
    /// Whose turn it is to get a task.
    next: usize,
}

struct Thread {
    id: ThreadId,
    arbiter: Arbiter,
    /// Of one task of a sync bolt.
    is_own: bool,
}

/// A thread that was given up. Should it ever come back after this is dropped, it ends.
pub(crate) struct LostThread(Thread);

impl Drop for LostThread {
    fn drop(&mut self) {
        self.0.arbiter.stop();
    }
}

impl Placement {
    /// Starts the shared threads.
    pub(crate) fn threads(count: usize) -> io::Result<Self> {
        let mut threads = Threads { threads: Vec::new(), started: 0, next: 0 };
        for _ in 0..count.max(1) {
            threads.start(false)?;
        }
        Ok(Self::Threads(threads))
    }

    /// Starts the actor of a task on the thread chosen for it.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start(
        &mut self,
        seed: Seed,
        supervisor: Addr<Supervisor>,
    ) -> io::Result<(ThreadId, Addr<TaskActor>)> {
        let is_sync = seed.component.kind() == Kind::SyncBolt;
        let (id, thread, is_own) = match self {
            Self::Here => (ThreadId(0), Arbiter::current(), false),
            Self::Threads(threads) => {
                let (id, handle) = if is_sync { threads.start(true)? } else { threads.choose()? };
                (id, handle, is_sync)
            }
        };
        let actor = move |_: &mut _| TaskActor::new(seed, is_own, supervisor);
        Ok((id, TaskActor::start_in_arbiter(&thread, actor)))
    }

    /// Gives up a thread that does not come back. A shared one is replaced.
    pub(crate) fn lose(&mut self, lost: ThreadId) -> (Option<LostThread>, io::Result<()>) {
        let Self::Threads(threads) = self else { return (None, Ok(())) };
        let Some(thread) = threads.remove(lost) else { return (None, Ok(())) };
        let end = if thread.is_own { Ok(()) } else { threads.start(false).map(drop) };
        (Some(LostThread(thread)), end)
    }

    /// The task of a sync bolt is over: its thread ends. Others are kept.
    pub(crate) fn release(&mut self, id: ThreadId) {
        let Self::Threads(threads) = self else { return };
        if threads.threads.iter().any(|thread| thread.id == id && thread.is_own)
            && let Some(thread) = threads.remove(id)
        {
            thread.arbiter.stop();
        }
    }

    /// Ends the threads. They are waited for if `join`, that is if no task is stuck on one of them. Returns
    /// whether the supervisor's thread is of no more use either.
    pub(crate) fn stop(&mut self, join: bool) -> bool {
        let Self::Threads(threads) = self else { return false };
        let threads: Vec<_> = threads.threads.drain(..).collect();
        for thread in &threads {
            thread.arbiter.stop();
        }
        if join {
            for thread in threads {
                // An arbiter whose thread has panicked is over as well.
                drop(thread.arbiter.join());
            }
        }
        true
    }
}

impl Threads {
    fn start(&mut self, is_own: bool) -> io::Result<(ThreadId, ArbiterHandle)> {
        let arbiter = Arbiter::try_new()?;
        let handle = arbiter.handle();
        let id = ThreadId(self.started);
        self.started += 1;
        self.threads.push(Thread { id, arbiter, is_own });
        Ok((id, handle))
    }

    /// The shared threads in turn.
    fn choose(&mut self) -> io::Result<(ThreadId, ArbiterHandle)> {
        self.next += 1;
        let shared: Vec<_> = self.threads.iter().filter(|thread| !thread.is_own).collect();
        match shared.get(self.next % shared.len().max(1)) {
            Some(thread) => Ok((thread.id, thread.arbiter.handle())),
            // The replacement of a lost one could not be started.
            None => self.start(false),
        }
    }

    fn remove(&mut self, id: ThreadId) -> Option<Thread> {
        let at = self.threads.iter().position(|thread| thread.id == id)?;
        Some(self.threads.remove(at))
    }
}
