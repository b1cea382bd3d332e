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
    time::Instant,
};

use crate::{Tuple, batch::Batch, orders::Life, probe::Probe, route::Route, task::AnyInbox};

/// Which inboxes take the tuples for a component now. All routes into it share one.
pub struct Link {
    /// Changes whenever `inboxes` does.
    version: AtomicU64,
    state: Mutex<State>,
}

struct State {
    /// `None` while it is shut.
    inboxes: Option<Vec<AnyInbox>>,
    waiting: Vec<Waker>,
}

impl Link {
    /// A link to these inboxes: one that all tasks share, or one a task.
    pub fn new(inboxes: Vec<AnyInbox>) -> Self {
        let state = State { inboxes: Some(inboxes), waiting: Vec::new() };
        Self { version: AtomicU64::new(0), state: Mutex::new(state) }
    }

    /// Makes all routes let go of their inboxes and wait. They notice when they hand over next: whoever
    /// shuts a link wakes the tasks that emit into it.
    pub fn shut(&self) {
        self.lock().inboxes = None;
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Lets the routes go on, into these inboxes.
    pub fn open(&self, inboxes: Vec<AnyInbox>) {
        let mut state = self.lock();
        state.inboxes = Some(inboxes);
        self.version.fetch_add(1, Ordering::Release);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The inboxes, once there are any, and the version they belong to.
    fn poll_open(&self, cx: &mut Context<'_>) -> Poll<(u64, Vec<AnyInbox>)> {
        let mut state = self.lock();
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
        let state = link.lock();
        let seen = link.version();
        let route = state.inboxes.as_deref().map(|inboxes| lay(inboxes, life));
        drop(state);
        Self { link, life, lay, seen, route }
    }

    #[cold]
    fn poll_switch(&mut self, now: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(route) = &mut self.route {
            ready!(route.poll_send(true, now, cx));
            self.route = None;
        }
        let (version, inboxes) = ready!(self.link.poll_open(cx));
        self.route = Some((self.lay)(&inboxes, self.life));
        self.seen = version;
        Poll::Ready(())
    }
}

impl<T: Tuple> Route<T> for Switched<T> {
    fn load(&mut self, batch: Batch<T>, probe: &Probe) {
        if let Some(route) = &mut self.route {
            route.load(batch, probe);
        }
    }

    #[inline]
    fn poll_send(&mut self, all: bool, now: Instant, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.route {
            Some(route) if self.link.version() == self.seen => route.poll_send(all, now, cx),
            _ => self.poll_switch(now, cx),
        }
    }
}
