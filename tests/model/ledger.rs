//! [`Ledger`]: all that really happened, in one place that outlives the tasks.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
};

use squall::{Anchor, Delivery, Failure};
use tokio::time::Instant;

use crate::{
    case::Case,
    fault::{RootId, Token},
};

#[derive(Default)]
pub(crate) struct Ledger(Mutex<Books>);

#[derive(Default)]
pub(crate) struct Books {
    /// What each spout has still to emit.
    pub(crate) todo: Vec<VecDeque<(u32, Delivery)>>,
    /// Calls of `next`.
    pub(crate) turns: u64,
    pub(crate) emitted: BTreeMap<RootId, Instant>,
    /// Every outcome a spout was told; there should be one for each root.
    pub(crate) outcomes: BTreeMap<RootId, Vec<(Option<Failure>, Instant)>>,
    /// How often each bolt began to execute each tuple.
    pub(crate) executes: BTreeMap<(RootId, usize, u64), u32>,
    /// Executes that answered, by bolt.
    pub(crate) answered: BTreeMap<usize, u64>,
    /// Anchors that are let go of only after their roots have timed out.
    pub(crate) kept: Vec<(RootId, Anchor)>,
    /// When the timeout of a root was put off.
    pub(crate) put_off: BTreeMap<RootId, Vec<Instant>>,
    /// When executes began to hang.
    pub(crate) hung: BTreeMap<RootId, Vec<Instant>>,
    /// Executes that took longer than the message timeout.
    pub(crate) too_long: u64,
    /// The keys that bolts have in hand, by bolt, and the task.
    pub(crate) keys: BTreeMap<(usize, u32), usize>,
    /// Changes that were made while it ran.
    pub(crate) changes: u64,
    /// Promises that were broken on the way.
    pub(crate) faults: Vec<String>,
    /// Roots to which one tuple was tied.
    pub(crate) tied: Vec<(RootId, RootId)>,
    pub(crate) set_up: HashSet<(usize, usize)>,
    pub(crate) ticks: BTreeMap<(usize, usize), u32>,
}

/// A key that a task works on.
pub(crate) struct KeyInHand {
    ledger: Arc<Ledger>,
    key: (usize, u32),
}

impl Drop for KeyInHand {
    fn drop(&mut self) {
        self.ledger.with(|books| books.keys.remove(&self.key));
    }
}

impl Books {
    /// Whether roots may have timed out because something else hung.
    pub(crate) fn has_waited_long(&self) -> bool {
        self.too_long > 0 || !self.hung.is_empty()
    }
}

impl Ledger {
    pub(crate) fn new(case: &Case) -> Self {
        let first = |number| (number, Delivery::first());
        let todo = case.spouts.iter().map(|spout| (0..spout.roots).map(first).collect()).collect();
        Self(Mutex::new(Books { todo, ..Books::default() }))
    }

    /// Never across an await, never while user code runs.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// A task takes a key in hand until what is returned is dropped.
    pub(crate) fn takes(self: &Arc<Self>, bolt: usize, key: u32, task: usize) -> KeyInHand {
        self.with(|books| {
            if let Some(other) = books.keys.insert((bolt, key), task) {
                books
                    .faults
                    .push(format!("key {key} of bolt {bolt} is in the tasks {other} and {task} at once"));
            }
        });
        KeyInHand { ledger: Arc::clone(self), key: (bolt, key) }
    }

    pub(crate) fn begins(&self, bolt: usize, token: &Token) {
        self.with(|books| *books.executes.entry((token.root, bolt, token.path)).or_default() += 1);
    }

    pub(crate) fn answers(&self, bolt: usize) {
        self.with(|books| *books.answered.entry(bolt).or_default() += 1);
    }

    pub(crate) fn outcome(&self, root: RootId, failure: Option<Failure>) {
        self.with(|books| books.outcomes.entry(root).or_default().push((failure, Instant::now())));
    }

    pub(crate) fn puts_off(&self, root: RootId) {
        self.with(|books| books.put_off.entry(root).or_default().push(Instant::now()));
    }

    pub(crate) fn hangs(&self, root: RootId) {
        self.with(|books| books.hung.entry(root).or_default().push(Instant::now()));
    }

    pub(crate) fn takes_too_long(&self) {
        self.with(|books| books.too_long += 1);
    }

    /// What bolts still hold of a root.
    pub(crate) fn take_kept(&self, root: RootId) -> Vec<Anchor> {
        self.with(|books| {
            books.kept.extract_if(.., |(of, _)| *of == root).map(|(_, anchor)| anchor).collect()
        })
    }

    /// Whether this task is set up for the first time.
    pub(crate) fn is_first_set_up(&self, component: usize, task: usize) -> bool {
        self.with(|books| books.set_up.insert((component, task)))
    }

    /// Whether this tick is among the first three of the task.
    pub(crate) fn is_early_tick(&self, bolt: usize, task: usize) -> bool {
        self.with(|books| {
            let ticks = books.ticks.entry((bolt, task)).or_default();
            *ticks += 1;
            *ticks <= 3
        })
    }
}
