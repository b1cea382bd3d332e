//! What a run did, counted.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::{Activity, Language, Missing, Name, Outcome};

/// Lines that are named one by one; the others are only counted, so that a log does not fill with them.
pub const NAMED: usize = 20;

/// The enricher whose answers are counted one by one.
const LANGUAGE: &str = "language";

/// What a run did, counted by the bolts and told at the end.
#[derive(Debug, Default)]
pub struct Tally {
    written: AtomicU64,
    enriched: AtomicU64,
    /// What is missing, by enricher and reason: few of each.
    missing: Mutex<BTreeMap<(Name, Missing), u64>>,
    /// One for each language, in their order.
    spoken: [AtomicU64; Language::ALL.len()],
    rejected: AtomicU64,
    given_up: AtomicU64,
    tombstones: AtomicU64,
    named: Mutex<Vec<String>>,
}

impl Tally {
    /// Events written, with or without an enrichment. A replay counts again.
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Those of the written events that got their language.
    pub fn enriched(&self) -> u64 {
        self.enriched.load(Relaxed)
    }

    /// Those of the written events that have this reason instead of a language.
    pub fn missing(&self, why: &Missing) -> u64 {
        self.all_missing()
            .into_iter()
            .find(|(name, reason, _)| name.as_str() == LANGUAGE && reason == why)
            .map_or(0, |(.., count)| count)
    }

    /// What is missing in the written events: the enricher, the reason, and how often.
    pub fn all_missing(&self) -> Vec<(Name, Missing, u64)> {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.iter().map(|((name, why), count)| (name.clone(), why.clone(), *count)).collect()
    }

    /// Those of the enriched events that are in this language.
    pub fn spoken(&self, language: Language) -> u64 {
        self.spoken.get(language as usize).map_or(0, |count| count.load(Relaxed))
    }

    /// Lines that are no activities. A replay counts again.
    pub fn rejected(&self) -> u64 {
        self.rejected.load(Relaxed)
    }

    /// What failed for good after it was read, and is a dead letter since.
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Relaxed)
    }

    /// Records without a value, which were passed over. A replay counts again.
    pub fn tombstones(&self) -> u64 {
        self.tombstones.load(Relaxed)
    }

    /// What was done with, in whichever way. A replay counts again.
    pub fn done(&self) -> u64 {
        self.written() + self.rejected() + self.given_up() + self.tombstones()
    }

    /// The first of those lines, each with its number and what is wrong with it.
    pub fn named(&self) -> Vec<String> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn wrote(&self, activity: &Activity) {
        if let Some(Outcome::Found(json)) = activity.enrichments.get(LANGUAGE)
            && let Some(language) = Language::of_json(json)
        {
            self.spoken.get(language as usize).map(|count| count.fetch_add(1, Relaxed));
            self.enriched.fetch_add(1, Relaxed);
        }
        for (name, why) in activity.enrichments.missing() {
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            *missing.entry((name.clone(), why.clone())).or_default() += 1;
        }
        self.written.fetch_add(1, Relaxed);
    }

    /// Counts what has become a dead letter.
    pub(crate) fn give_up(&self) {
        self.given_up.fetch_add(1, Relaxed);
    }

    /// Counts a record without a value.
    pub(crate) fn pass_tombstone(&self) {
        self.tombstones.fetch_add(1, Relaxed);
    }

    /// Counts a line that is no activity, and names it on standard error while it is one of the first.
    pub(crate) fn reject(&self, sentence: String) {
        self.rejected.fetch_add(1, Relaxed);
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.len() > NAMED {
            return;
        }
        // With standard error closed there is nobody to tell; the count is kept.
        if named.len() == NAMED {
            named.push("…".to_owned());
            drop(writeln!(io::stderr(), "further lines that cannot be read are counted only"));
        } else {
            drop(writeln!(io::stderr(), "{sentence}"));
            named.push(sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_are_named_and_all_are_counted() {
        let tally = Tally::default();

        for number in 1..=100 {
            tally.reject(format!("line {number}: expected value"));
        }

        assert_eq!(tally.rejected(), 100);
        assert_eq!(tally.named().len(), NAMED + 1);
        assert_eq!(tally.named()[0], "line 1: expected value");
        assert_eq!(tally.named()[NAMED], "…");
    }
}
