//! [`Link`]: the way into a component, and [`Switched`], a route that can be laid to other inboxes while
//! the topology runs.
//!
//! A rebalance shuts the link. Every route then hands over what it holds to the old inboxes and lets go of
//! them; with the last route gone the inboxes close, and their tasks know that all is executed. When the
//! link opens again, with the old inboxes or with others, the routes go on. While it is shut nothing is
//! loaded into them: producers wait as for a full inbox.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use crate::{
    Tuple,
    batch::Batch,
    orders::Life,
    probe::Probe,
    route::{Route, Sending},
    task::{AnyInbox, Keeper},
};

#[cfg(all(test, not(loom)))]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "in a test a panic is the message")]
mod tests;

/// Which inboxes take the tuples for a component now. All routes into it share one.
pub struct Link {
    /// Changes whenever `inboxes` does.
    version: AtomicU64,
    state: Mutex<State>,
}

struct State {
    /// `None` while it is shut.
    inboxes: Option<Vec<AnyInbox>>,
    routes: Vec<Entry>,
    /// Until every route is laid to inboxes that were opened, they must not look closed.
    keepers: Vec<Keeper>,
    waiting: Vec<Waker>,
}

struct Entry {
    number: u64,
    life: Life,
    /// It is laid to the present inboxes.
    is_laid: bool,
}

impl State {
    fn keep_open_while_needed(&mut self) {
        if self.routes.iter().all(|route| route.is_laid) {
            self.keepers.clear();
        }
    }
}

impl Link {
    /// A link to these inboxes: one that all tasks share, or one a task.
    pub fn new(inboxes: Vec<AnyInbox>) -> Self {
        let (routes, keepers, waiting) = (Vec::new(), Vec::new(), Vec::new());
        let state = State { inboxes: Some(inboxes), routes, keepers, waiting };
        Self { version: AtomicU64::new(0), state: Mutex::new(state) }
    }

    /// Makes all routes let go of their inboxes and wait. They notice when they hand over next: whoever
    /// shuts a link wakes the tasks that emit into it.
    pub fn shut(&self) {
        let mut state = self.lock();
        state.inboxes = None;
        state.keepers.clear();
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Lets the routes go on, into these inboxes, which stay open until all routes are laid to them.
    pub fn open(&self, inboxes: Vec<AnyInbox>) {
        let mut state = self.lock();
        state.keepers = inboxes.iter().map(AnyInbox::keep_open).collect();
        state.inboxes = Some(inboxes);
        state.routes.iter_mut().for_each(|route| route.is_laid = false);
        state.keep_open_while_needed();
        self.version.fetch_add(1, Ordering::Release);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits no more for the routes of a task that is given up.
    pub fn revoke(&self, life: Life) {
        let mut state = self.lock();
        state.routes.retain(|route| route.life != life);
        state.keep_open_while_needed();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Takes a route in. Returns its number, and the inboxes it is to be laid to, if there are any now.
    fn enter(&self, life: Life) -> (u64, u64, Option<Vec<AnyInbox>>) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        state.routes.push(Entry { number, life, is_laid: false });
        (number, self.version(), state.inboxes.clone())
    }

    /// The route is laid to the inboxes of this version.
    fn laid(&self, number: u64, version: u64) {
        let mut state = self.lock();
        if version != self.version() {
            return;
        }
        if let Some(route) = state.routes.iter_mut().find(|route| route.number == number) {
            route.is_laid = true;
        }
        state.keep_open_while_needed();
    }

    fn leave(&self, number: u64) {
        let mut state = self.lock();
        state.routes.retain(|route| route.number != number);
        state.keep_open_while_needed();
    }

    /// The inboxes, once there are any, and the version they belong to. Never, for the route of a task that
    /// was given up: should its thread come back, it must not hold other inboxes open.
    fn poll_open(&self, number: u64, cx: &mut Context<'_>) -> Poll<(u64, Vec<AnyInbox>)> {
        let mut state = self.lock();
        if !state.routes.iter().any(|route| route.number == number) {
            return Poll::Pending;
        }
        if let Some(inboxes) = &state.inboxes {
            return Poll::Ready((self.version(), inboxes.clone()));
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("version", &self.version()).finish_non_exhaustive()
    }
}

/// Makes a route into these inboxes, for the task with this life.
pub(crate) type Lay<T> = Arc<dyn Fn(&[AnyInbox], Life) -> Box<dyn Route<T>> + Send + Sync>;

/// A route that follows its link.
pub(crate) struct Switched<T> {
    link: Arc<Link>,
    number: u64,
    life: Life,
    lay: Lay<T>,
    /// The version of the link that `route` was laid for.
    seen: u64,
    /// `None` while the link is shut. Nothing is loaded then, for [`poll_send`](Route::poll_send) is
    /// pending.
    route: Option<Box<dyn Route<T>>>,
}

impl<T: Tuple> Switched<T> {
    /// The route is laid at once, so that the inboxes know their senders before anything runs.
    pub(crate) fn new(link: Arc<Link>, life: Life, lay: Lay<T>) -> Self {
        let (number, seen, inboxes) = link.enter(life);
        let mut switched = Self { link, number, life, lay, seen, route: None };
        if let Some(inboxes) = inboxes {
            switched.lay_to(&inboxes, seen);
        }
        switched
    }

    fn lay_to(&mut self, inboxes: &[AnyInbox], version: u64) {
        self.route = Some((self.lay)(inboxes, self.life));
        self.seen = version;
        self.link.laid(self.number, version);
    }

    #[cold]
    fn poll_switch(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        if let Some(route) = &mut self.route {
            cx.all = true;
            ready!(route.poll_send(cx));
            self.route = None;
        }
        let (version, inboxes) = ready!(self.link.poll_open(self.number, cx.task));
        self.lay_to(&inboxes, version);
        Poll::Ready(())
    }
}

impl<T> Drop for Switched<T> {
    fn drop(&mut self) {
        // Its senders first: an inbox must not look closed before they are gone.
        self.route = None;
        self.link.leave(self.number);
    }
}

impl<T: Tuple> Route<T> for Switched<T> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        if let Some(route) = &mut self.route {
            route.load(batch, probe);
        }
    }

    #[inline]
    fn poll_send(&mut self, cx: &mut Sending<'_, '_>) -> Poll<()> {
        match &mut self.route {
            Some(route) if self.link.version() == self.seen => route.poll_send(cx),
            _ => self.poll_switch(cx),
        }
    }
}
