//! [`AnyInbox`]: an inbox without its type.

use std::{any::Any, fmt, sync::Arc};

use crate::{Reason, inbox::Inbox, orders::Life, probe::QueueProbe};

/// An inbox whose type only its component and the edges into it know.
#[derive(Clone)]
pub struct AnyInbox {
    inbox: Arc<dyn Any + Send + Sync>,
    face: Arc<dyn InboxFace>,
    probe: Arc<QueueProbe>,
}

impl AnyInbox {
    pub(crate) fn new<In: Send + 'static>(inbox: Inbox<In>) -> Self {
        let probe = inbox.probe();
        Self { face: Arc::new(inbox.clone()), inbox: Arc::new(inbox), probe }
    }

    pub(crate) fn typed<In: 'static>(&self) -> Inbox<In> {
        #[expect(clippy::expect_used, reason = "edges are made from the typed declaration of their bolt")]
        let inbox = self.inbox.downcast_ref::<Inbox<In>>().expect("an inbox carries its bolt's input");
        inbox.clone()
    }

    /// Depth, age, capacity.
    pub fn probe(&self) -> &QueueProbe {
        &self.probe
    }

    /// Fails all that is queued, because the topology stops. Returns the number of tuples.
    pub fn abandon(&self) -> usize {
        self.face.abandon()
    }

    /// Takes its senders away from a task that is given up.
    pub fn revoke(&self, life: Life) {
        self.face.revoke(life);
    }

    /// A sender that sends nothing: while it is kept, the inbox is not closed.
    pub(crate) fn keep_open(&self) -> Keeper {
        self.face.keep_open()
    }

    /// From now on so many tasks take from it.
    pub fn set_readers(&self, readers: usize) {
        self.face.set_readers(readers);
    }

    /// From now on so many tuples fit.
    pub fn set_capacity(&self, capacity: usize) {
        self.face.set_capacity(capacity);
    }
}

impl fmt::Debug for AnyInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyInbox").field("probe", &self.probe).finish_non_exhaustive()
    }
}

/// Keeps an inbox open until it is dropped.
pub(crate) struct Keeper(#[expect(dead_code, reason = "that it is there is all")] Box<dyn Any + Send>);

trait InboxFace: Send + Sync {
    fn abandon(&self) -> usize;
    fn revoke(&self, life: Life);
    fn keep_open(&self) -> Keeper;
    fn set_readers(&self, readers: usize);
    fn set_capacity(&self, capacity: usize);
}

impl<In: Send + 'static> InboxFace for Inbox<In> {
    fn abandon(&self) -> usize {
        self.discard(Reason::Shutdown)
    }

    fn revoke(&self, life: Life) {
        Self::revoke(self, life);
    }

    fn keep_open(&self) -> Keeper {
        Keeper(Box::new(self.sender(Life::fresh())))
    }

    fn set_readers(&self, readers: usize) {
        Self::set_readers(self, readers);
    }

    fn set_capacity(&self, capacity: usize) {
        Self::set_capacity(self, capacity);
    }
}
