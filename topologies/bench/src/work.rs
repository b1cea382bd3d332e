//! What the components do to a tuple, for the engine and for its limit alike.
//!
//! Only moving tuples differs between the two sides. The constants are opaque to the optimiser: otherwise it would
//! fold the hand-written loop, but not the engine's, into nothing.

use std::{collections::HashMap, hint::black_box};

use foldhash::fast::FixedState;

/// What a spout of constants emits.
#[inline]
pub fn constant() -> u64 {
    black_box(1)
}

/// What the bolt in the middle passes on.
#[inline]
pub fn identity(value: u64) -> u64 {
    black_box(value) + 1
}

/// What a null bolt does.
#[inline]
pub fn discard(value: u64) {
    black_box(value);
}

/// The words of a line, a `String` each.
pub fn split(line: &str) -> impl Iterator<Item = String> {
    line.split_ascii_whitespace().map(str::to_owned)
}

/// How often each word came.
#[derive(Debug, Default)]
pub struct Counts {
    words: HashMap<String, u64, FixedState>,
    total: u64,
}

impl Counts {
    /// Counts one word.
    pub fn add(&mut self, word: String) {
        self.total += 1;
        *self.words.entry(word).or_default() += 1;
    }

    /// All words counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The different ones among them.
    pub fn distinct(&self) -> u64 {
        self.words.len() as u64
    }
}
