//! What outlives the bolts: a bolt that panics loses its own state, so it writes down what it has counted.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::Mutex,
    time::{Duration, Instant},
};

/// One delivery of one line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt {
    pub line: u32,
    pub attempt: u32,
}

#[derive(Default)]
pub struct Ledger {
    counted: Mutex<HashMap<Attempt, Vec<String>>>,
    acked: Mutex<Vec<Attempt>>,
    replayed: Mutex<u64>,
    panics: Mutex<HashMap<usize, Panics>>,
}

/// The panics of one task.
#[derive(Default)]
struct Panics {
    executed: u64,
    panics: u64,
    last: Option<Instant>,
    pauses: Vec<Duration>,
}

impl Ledger {
    /// A task begins to execute a tuple. Returns whether it is its thousandth again.
    pub fn is_thousandth(&self, task: usize) -> bool {
        let mut panics = self.panics.lock().unwrap();
        let of_task = panics.entry(task).or_default();
        if let Some(last) = of_task.last.take() {
            of_task.pauses.push(last.elapsed());
        }
        of_task.executed += 1;
        of_task.executed.is_multiple_of(1000)
    }

    /// A task is about to panic.
    pub fn panics_now(&self, task: usize) {
        let mut panics = self.panics.lock().unwrap();
        let of_task = panics.entry(task).or_default();
        of_task.panics += 1;
        of_task.last = Some(Instant::now());
    }

    pub fn counted(&self, attempt: Attempt, word: String) {
        self.counted.lock().unwrap().entry(attempt).or_default().push(word);
    }

    pub fn acked(&self, attempt: Attempt) {
        self.acked.lock().unwrap().push(attempt);
    }

    pub fn replays(&self) {
        *self.replayed.lock().unwrap() += 1;
    }

    pub fn replayed(&self) -> u64 {
        *self.replayed.lock().unwrap()
    }

    pub fn panics(&self) -> u64 {
        self.panics.lock().unwrap().values().map(|of_task| of_task.panics).sum()
    }

    /// From each panic to the next tuple of the same inbox: each task has one of its own.
    pub fn pauses(&self) -> Vec<Duration> {
        self.panics.lock().unwrap().values_mut().flat_map(|of_task| mem::take(&mut of_task.pauses)).collect()
    }

    /// What was counted for attempts that failed later does not count.
    pub fn counts_of_acked_attempts(&self) -> BTreeMap<String, u64> {
        let counted = self.counted.lock().unwrap();
        let mut counts = BTreeMap::new();
        for attempt in self.acked.lock().unwrap().iter() {
            for word in counted.get(attempt).into_iter().flatten() {
                *counts.entry(word.clone()).or_default() += 1;
            }
        }
        counts
    }
}
