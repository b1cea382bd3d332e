//! [`Anchor`]: the claim of one tuple on its root. Acks are drops that were announced; a drop that was
//! not announced fails the root.
//!
//! A root is one `Arc`. Every tuple of its tree holds a clone. The outcome reaches the spout through its
//! [`Home`]: a failure at once, by whoever fails it first; the ack by whoever gives up the last
//! claim. The last owner sends the memory along, so that the spout uses it again.
//!
//! A tuple made from tuples of several roots has a *joint* root of its own. It holds a claim on each of them,
//! and passes on what becomes of it: a failure at once, an ack with its last claim.

use std::{
    collections::HashSet,
    fmt, slice,
    sync::{
        Arc as StdArc,
        atomic::{AtomicU64, AtomicUsize},
    },
};

pub(crate) use crate::home::{Home, SlotKey, Told};
pub use crate::outcomes::Outcomes;
use crate::{
    delivery::{Delivery, Reason, State, Verdict},
    error::Error,
    probe::TaskProbe,
    sync::{Arc, AtomicU8, Ordering},
};

/// Roots that have failed and still have claims, in all topologies of the process.
///
/// A hint: while it is zero nobody need look at the state of a root, which would fetch its cache line from
/// the core that works on it. Missing a failure costs some wasted work and nothing else.
static FAILED_ALIVE: AtomicUsize = AtomicUsize::new(0);

/// One tuple tree, shared by all its tuples.
///
/// `key` and `delivery` change only while the spout alone holds the root; handing it over synchronises, so
/// every access is relaxed and loom need not see them.
pub(crate) struct Root {
    key: AtomicU64,
    delivery: AtomicU64,
    state: AtomicU8,
    pub(crate) origin: Origin,
}

/// Who learns what becomes of a root.
pub(crate) enum Origin {
    /// The spout task that tracks it.
    Spout(Arc<Home>),
    /// The root of a tuple that a bolt holds.
    Held { parent: Anchor, gauge: Gauge },
    /// The roots of the tuples that a tuple was made from.
    Joint(Box<[Anchor]>),
}

/// Counts an anchor among those that its task holds.
pub(crate) struct Gauge(StdArc<TaskProbe>);

impl Gauge {
    fn new(holder: &StdArc<TaskProbe>) -> Self {
        holder.add_held();
        Self(StdArc::clone(holder))
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        self.0.remove_held();
    }
}

impl Root {
    pub(crate) fn new(key: SlotKey, delivery: Delivery, home: Arc<Home>) -> Self {
        Self::with_origin(key, delivery, Origin::Spout(home))
    }

    fn with_origin(key: SlotKey, delivery: Delivery, origin: Origin) -> Self {
        Self {
            key: AtomicU64::new(key.pack()),
            delivery: AtomicU64::new(delivery.pack()),
            state: AtomicU8::new(State::ALIVE.0),
            origin,
        }
    }

    /// A root that stands for others; no spout has a slot for it.
    fn standing_for(delivery: Delivery, origin: Origin) -> Anchor {
        let nowhere = SlotKey { slot: u32::MAX, generation: 0 };
        Anchor::new(Arc::new(Self::with_origin(nowhere, delivery, origin)))
    }

    /// Makes a settled root live again under another key. Only its spout holds it.
    #[inline]
    pub(crate) fn renew(&self, key: SlotKey, delivery: Delivery) {
        self.key.store(key.pack(), Ordering::Relaxed);
        self.delivery.store(delivery.pack(), Ordering::Relaxed);
        self.state.store(State::ALIVE.0, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn key(&self) -> SlotKey {
        SlotKey::unpack(self.key.load(Ordering::Relaxed))
    }

    fn delivery(&self) -> Delivery {
        Delivery::unpack(self.delivery.load(Ordering::Relaxed))
    }

    /// The claims on the roots that this one stands for.
    fn parents(&self) -> &[Anchor] {
        match &self.origin {
            Origin::Spout(_) => &[],
            Origin::Held { parent, .. } => slice::from_ref(parent),
            Origin::Joint(parents) => parents,
        }
    }

    /// Who holds the tuple that this root stands for.
    fn holder(&self) -> Option<&TaskProbe> {
        match &self.origin {
            Origin::Held { gauge, .. } => Some(&gauge.0),
            Origin::Spout(_) | Origin::Joint(_) => None,
        }
    }

    pub(crate) fn parents_mut(&mut self) -> &mut [Anchor] {
        match &mut self.origin {
            Origin::Spout(_) => &mut [],
            Origin::Held { parent, .. } => slice::from_mut(parent),
            Origin::Joint(parents) => parents,
        }
    }

    /// The last claim is given up. Returns whether that acks it: else it has failed before.
    #[inline]
    pub(crate) fn settle(&mut self) -> bool {
        // Relaxed: the caller is the only owner.
        let is_alive = self.state.load(Ordering::Relaxed) == State::ALIVE.0;
        self.state.store(State::SETTLED.0, Ordering::Relaxed);
        if !is_alive {
            FAILED_ALIVE.fetch_sub(1, Ordering::Relaxed);
        }
        is_alive
    }

    /// Whether work on it is wasted. A joint root is worth it as long as one of its parents lives.
    fn is_failed(&self) -> bool {
        if self.state.load(Ordering::Relaxed) != State::ALIVE.0 {
            return true;
        }
        let parents = self.parents();
        !parents.is_empty() && parents.iter().all(Anchor::is_failed)
    }

    /// The first failure wins and is told at once.
    #[cold]
    fn fail(&self, mut verdict: Verdict) {
        let first = self
            .state
            .compare_exchange(State::ALIVE.0, State::FAILED.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        if !first {
            return;
        }
        FAILED_ALIVE.fetch_add(1, Ordering::Relaxed);
        match &self.origin {
            Origin::Spout(home) => {
                home.tell_one(Told::Failed { key: self.key(), verdict: Box::new(verdict) });
                return;
            }
            Origin::Held { gauge, .. } if verdict.cause.is_none() => {
                verdict.cause = gauge.0.cause(match verdict.reason {
                    Reason::Dropped => "a held anchor was dropped",
                    _ => "a held anchor was failed",
                });
            }
            Origin::Held { .. } | Origin::Joint(_) => {}
        }
        for parent in self.parents().iter().filter_map(|parent| parent.0.as_ref()) {
            parent.fail(verdict.clone());
        }
    }
}

impl Drop for Root {
    /// Two last claims given up at once both see another owner; then nobody takes the memory home, and
    /// the outcome is told from here.
    fn drop(&mut self) {
        match self.state.load(Ordering::Acquire) {
            state if state == State::ALIVE.0 => {
                if let Origin::Spout(home) = &self.origin {
                    home.tell_one(Told::Over { key: self.key(), is_acked: true, root: None });
                }
            }
            state if state == State::SETTLED.0 => {}
            _ => {
                FAILED_ALIVE.fetch_sub(1, Ordering::Relaxed);
            }
        }
        // A failure was passed on when it happened: giving up what is left of the claims adds nothing to it.
        for parent in self.parents_mut() {
            parent.take().ack();
        }
    }
}

/// The claim of one tuple on its root.
///
/// [`ack`](Self::ack), [`fail`](Self::fail) or [`refuse`](Self::refuse) decide; a drop without a decision fails
/// the root with [`Reason::Dropped`]. A root is acked when all its claims are acked. User code meets an anchor
/// only through [`Output::hold`](crate::Output::hold).
#[must_use = "dropping an anchor fails its root; call `ack` or keep it"]
pub struct Anchor(Option<Arc<Root>>);

impl Anchor {
    /// The anchor of a tuple that belongs to no root.
    pub(crate) const NONE: Self = Self(None);

    #[inline]
    pub(crate) fn new(root: Arc<Root>) -> Self {
        Self(Some(root))
    }

    /// A claim that is counted among those that `holder` holds.
    pub(crate) fn held(parent: Self, holder: &StdArc<TaskProbe>) -> Self {
        if !parent.is_tracked() {
            return parent;
        }
        let delivery = parent.delivery();
        Root::standing_for(delivery, Origin::Held { parent, gauge: Gauge::new(holder) })
    }

    /// One claim on the roots of all these anchors, each counted once. Failing it fails them all.
    ///
    /// For several emits that are tied to the same anchors: made once, it is cheaper than handing them all to
    /// [`Emit::emit_anchored`](crate::Emit::emit_anchored) each time.
    pub fn joint<'a>(anchors: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut roots: Vec<&Arc<Root>> = Vec::new();
        for root in anchors.into_iter().filter_map(Self::source) {
            // Neighbours often share their root.
            if !roots.last().is_some_and(|last| Arc::ptr_eq(last, root)) {
                roots.push(root);
            }
        }
        if roots.len() > 1 {
            let mut seen = HashSet::with_capacity(roots.len());
            roots.retain(|root| seen.insert(Arc::as_ptr(root)));
        }
        match roots.as_slice() {
            [] => Self::NONE,
            [root] => Self::new(Arc::clone(root)),
            roots => {
                let of_most =
                    roots.iter().map(|root| root.delivery()).max_by_key(|delivery| delivery.attempt);
                let parents = roots.iter().map(|root| Self::new(Arc::clone(root))).collect();
                Root::standing_for(of_most.unwrap_or_default(), Origin::Joint(parents))
            }
        }
    }

    /// The root without the count of who holds it.
    fn source(&self) -> Option<&Arc<Root>> {
        let root = self.0.as_ref()?;
        if let Origin::Held { parent, .. } = &root.origin { parent.0.as_ref() } else { Some(root) }
    }

    /// The slot of the root, if a spout's.
    pub(crate) fn slot(&self) -> Option<u32> {
        self.0.as_ref().map(|root| root.key().slot)
    }

    #[inline]
    pub(crate) fn into_root(mut self) -> Option<Arc<Root>> {
        self.0.take()
    }

    /// Another claim on the same root.
    #[inline]
    pub(crate) fn branch(&self) -> Self {
        Self(self.0.as_ref().map(Arc::clone))
    }

    /// Moves the claim out and leaves none.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    #[inline]
    pub(crate) fn is_same_root(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// Whether the tuple belongs to a root.
    #[inline]
    pub fn is_tracked(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the root has failed already, so that work on it is wasted. A tuple with several roots has
    /// failed when all of them have.
    #[inline]
    pub fn is_failed(&self) -> bool {
        FAILED_ALIVE.load(Ordering::Relaxed) > 0 && self.0.as_ref().is_some_and(|root| root.is_failed())
    }

    /// How often the root was delivered; of several roots, the one delivered most often. An untracked tuple is
    /// always a first delivery.
    pub fn delivery(&self) -> Delivery {
        self.0.as_ref().map_or(Delivery::first(), |root| root.delivery())
    }

    /// Lets the message timeout of the root begin anew, as if its spout had emitted it now. Of several roots:
    /// of each.
    pub fn reset_timeout(&self) {
        let Some(root) = &self.0 else { return };
        if let Origin::Spout(home) = &root.origin {
            home.reset(root.key());
        }
        root.parents().iter().for_each(Self::reset_timeout);
    }

    /// Gives up the claim: this tuple is done.
    #[inline]
    pub fn ack(mut self) {
        self.0 = None;
    }

    /// Fails the root, unless it failed before.
    pub fn fail(self, reason: Reason) {
        self.fail_with(reason, false);
    }

    /// Fails the root as an execute does that answers with this error: [`Reason::Explicit`], and no replay if
    /// the error [is permanent](Error::is_permanent).
    pub fn refuse(self, error: &Error) {
        let holder = self.0.as_ref().and_then(|root| root.holder());
        let cause = holder.and_then(|holder| holder.cause(&error.to_string()));
        self.fail_for(Verdict { reason: Reason::Explicit, permanent: error.is_permanent(), cause });
    }

    pub(crate) fn fail_with(self, reason: Reason, permanent: bool) {
        self.fail_for(Verdict { permanent, ..Verdict::of(reason) });
    }

    pub(crate) fn fail_for(mut self, verdict: Verdict) {
        if let Some(root) = self.0.take() {
            root.fail(verdict);
        }
    }
}

impl Drop for Anchor {
    #[inline]
    fn drop(&mut self) {
        if let Some(root) = &self.0 {
            root.fail(Verdict::of(Reason::Dropped));
        }
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.source().map(|root| root.key().slot);
        f.debug_struct("Anchor").field("slot", &slot).field("failed", &self.is_failed()).finish()
    }
}
