//! [`Ledger`]: all that really happened, in one place that outlives the tasks.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Mutex,
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
    pub(crate) set_up: HashSet<(usize, usize)>,
    pub(crate) ticks: BTreeMap<(usize, usize), u32>,
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

    pub(crate) fn begins(&self, bolt: usize, token: &Token) {
        self.with(|books| *books.executes.entry((token.root, bolt, token.path)).or_default() += 1);
    }

    pub(crate) fn answers(&self, bolt: usize) {
        self.with(|books| *books.answered.entry(bolt).or_default() += 1);
    }

    pub(crate) fn outcome(&self, root: RootId, failure: Option<Failure>) {
        self.with(|books| books.outcomes.entry(root).or_default().push((failure, Instant::now())));
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
