//! Promise 6: it changes while it runs, and nothing is lost or doubled by that.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message, and the place of each value is known"
)]

mod interrupted;
mod keyed;
mod pools;
mod refused;
mod settings;
mod spouts;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use squall::{Handover, Shares, prelude::*};

/// Which task counts each key now, and what the tasks have counted and lost.
#[derive(Clone, Default)]
struct Watched(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// By key: the bolt that has executed it last and has not given it away.
    owners: BTreeMap<u64, usize>,
    /// What the bolts had when they were drained.
    drained: BTreeMap<u64, u64>,
    /// Every bolt that was built has a number.
    built: usize,
    /// Hooks that panic when they are called the next time.
    bombs: Vec<&'static str>,
}

impl Watched {
    /// A factory of counting bolts.
    fn counters(&self) -> impl Fn() -> Counter + Send + Sync + use<> {
        let watched = self.clone();
        move || {
            let mut state = watched.0.lock().unwrap();
            state.built += 1;
            Counter { number: state.built, counts: BTreeMap::new(), watched: watched.clone() }
        }
    }

    /// The next call of this hook panics.
    fn arm(&self, hook: &'static str) {
        self.0.lock().unwrap().bombs.push(hook);
    }

    fn explode(&self, hook: &str) {
        let mut state = self.0.lock().unwrap();
        let bomb = state.bombs.iter().position(|bomb| *bomb == hook);
        let bomb = bomb.map(|at| state.bombs.remove(at));
        drop(state);
        assert!(bomb.is_none(), "a bomb in {hook}");
    }

    /// All counts that drained bolts had.
    fn drained(&self) -> BTreeMap<u64, u64> {
        self.0.lock().unwrap().drained.clone()
    }
}

/// Counts how often each number comes, under the eyes of [`Watched`].
struct Counter {
    number: usize,
    counts: BTreeMap<u64, u64>,
    watched: Watched,
}

impl Bolt for Counter {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, key: u64, _: &mut Output<()>) -> Result<()> {
        let owner = *self.watched.0.lock().unwrap().owners.entry(key).or_insert(self.number);
        assert_eq!(owner, self.number, "key {key} is in two tasks at once");
        *self.counts.entry(key).or_default() += 1;
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        let mut state = self.watched.0.lock().unwrap();
        for (key, count) in std::mem::take(&mut self.counts) {
            state.owners.remove(&key);
            *state.drained.entry(key).or_default() += count;
        }
        Ok(())
    }
}

impl Handover for Counter {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut Shares<(u64, u64)>) {
        while let Some((key, count)) = self.counts.pop_first() {
            self.watched.0.lock().unwrap().owners.remove(&key);
            shares.put(&key, (key, count));
            self.watched.explode("give");
        }
    }

    fn take(&mut self, (key, count): (u64, u64)) {
        self.watched.explode("take");
        self.watched.0.lock().unwrap().owners.insert(key, self.number);
        *self.counts.entry(key).or_default() += count;
    }
}

/// How often each of these numbers comes.
fn counted(numbers: impl IntoIterator<Item = u64>) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    numbers.into_iter().for_each(|number| *counts.entry(number).or_default() += 1);
    counts
}
