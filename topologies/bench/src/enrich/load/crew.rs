//! The workers, and what is done to them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    chaos::Act,
    config,
    kill::Kill,
    plan::Load,
    sample::{Crew as Shown, locked},
    topics::Topics,
    worker::{Seen, Worker},
};
use crate::Error;

/// How long a worker that was told to leave may take.
const LEAVES: Duration = Duration::from_secs(60);

/// The time between two looks at one that leaves.
const LOOK: Duration = Duration::from_millis(20);

/// How long what a process had sent may take to arrive after its end, on one machine.
const ARRIVES: Duration = Duration::from_millis(100);

/// What was done, and when.
pub(super) type Done = (Duration, Act);

/// The workers. Dropped, they are ended.
pub(super) struct Crew {
    topics: Arc<Topics>,
    home: PathBuf,
    people: PathBuf,
    /// Activities a second of each.
    capacity: u32,
    workers: Vec<Worker>,
    /// Whoever has joined and not left yet.
    guest: Option<Worker>,
    guests: usize,
    /// Since when it is to leave.
    leaving: Option<Instant>,
    shown: Shown,
    pub(super) done: Vec<Done>,
    /// How everything stood at each kill.
    pub(super) kills: Vec<Kill>,
}

impl Crew {
    /// Starts the workers in folders below `home`.
    pub(super) fn start(load: &Load, topics: Arc<Topics>, home: &Path, people: &Path) -> Result<Self, Error> {
        let capacity = load.capacity / u32::try_from(load.workers).unwrap_or(u32::MAX);
        let mut crew = Self {
            topics,
            home: home.to_owned(),
            people: people.to_owned(),
            capacity,
            workers: Vec::new(),
            guest: None,
            guests: 0,
            leaving: None,
            shown: Shown::default(),
            done: Vec::new(),
            kills: Vec::new(),
        };
        for nth in 0..load.workers {
            let name = format!("worker-{nth}");
            let config = config::worker(&crew.topics, people, Some(capacity), Some(&name));
            crew.workers.push(Worker::start(home, &name, &config)?);
        }
        crew.show();
        Ok(crew)
    }

    /// Whoever works now, for others to look at.
    pub(super) fn shown(&self) -> Shown {
        Arc::clone(&self.shown)
    }

    /// Waits until all listen, the guest included.
    pub(super) fn wait_until_they_listen(&mut self) -> Result<(), Error> {
        let until = Instant::now() + LEAVES;
        let is_deaf = |worker: &&Worker| worker.seen().is_some_and(|seen| seen.address.is_none());
        while let Some(worker) = self.workers.iter().chain(&self.guest).find(is_deaf) {
            if Instant::now() > until {
                return Err(worker.wrong("does not listen"));
            }
            self.look()?;
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Does this to one of them; a guest that still leaves puts off the next.
    pub(super) fn act(&mut self, at: Duration, act: Act) -> Result<(), Error> {
        match act {
            Act::Kill(nth) => {
                let Some(worker) = self.workers.get_mut(nth) else { return Ok(()) };
                worker.kill()?;
                // What it had sent may still be on its way to the broker.
                thread::sleep(ARRIVES);
                self.kills.push(Kill::look(&self.topics)?);
                worker.start_again()?;
            }
            Act::Join => {
                if self.guest.is_some() {
                    return Ok(());
                }
                self.guests += 1;
                let name = format!("guest-{}", self.guests);
                // Whoever leaves for good must not be waited for: this is no static member.
                let config = config::worker(&self.topics, &self.people, Some(self.capacity), None);
                self.guest = Some(Worker::start(&self.home, &name, &config)?);
            }
            Act::Leave => {
                // A signal ends one that does not listen yet as it ends anybody.
                self.wait_until_they_listen()?;
                let Some(guest) = &self.guest else { return Ok(()) };
                guest.tell_to_leave()?;
                self.leaving = Some(Instant::now());
            }
        }
        self.done.push((at, act));
        self.show();
        Ok(())
    }

    /// Sees that nobody ended who was not told to, and that the guest does who was.
    pub(super) fn look(&mut self) -> Result<(), Error> {
        for worker in &mut self.workers {
            if let Some(status) = worker.ended()? {
                return Err(worker.wrong(&format!("ended by itself: {status}")));
            }
        }
        if let Some(guest) = &mut self.guest {
            match (guest.ended()?, self.leaving) {
                (None, Some(since)) if since.elapsed() > LEAVES => return Err(guest.wrong("does not leave")),
                (None, _) => {}
                (Some(status), Some(_)) if status.success() => (self.guest, self.leaving) = (None, None),
                (Some(status), _) => return Err(guest.wrong(&format!("ended: {status}"))),
            }
        }
        self.show();
        Ok(())
    }

    /// Tells the guest to leave, and waits until it has.
    pub(super) fn see_the_guest_off(&mut self, at: Duration) -> Result<(), Error> {
        if self.guest.is_some() && self.leaving.is_none() {
            self.act(at, Act::Leave)?;
        }
        while self.guest.is_some() {
            self.look()?;
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Tells everybody to end, and waits until they have, in good order.
    pub(super) fn end(mut self) -> Result<(), Error> {
        self.workers.iter_mut().try_for_each(|worker| worker.leave(LEAVES))
    }

    fn show(&self) {
        let seen: Vec<Seen> = self.workers.iter().chain(&self.guest).filter_map(Worker::seen).collect();
        *locked(&self.shown) = seen;
    }
}
