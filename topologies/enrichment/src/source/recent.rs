//! [`Recent`]: which events came a short while ago.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use crate::EventId;

/// Ids that are remembered: some minutes of a busy feed, in about 4 MiB.
const MOST: usize = 65_536;

/// Which events came a short while ago.
///
/// It keeps 128 bits of each id, under keys that nobody can guess: two ids are never taken for one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    keys: [RandomState; 2],
    known: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Recent {
    /// Remembers an event; `false` if it is remembered already.
    pub(super) fn add(&mut self, id: &EventId) -> bool {
        let [low, high] = self.keys.each_ref().map(|key| u128::from(key.hash_one(id.as_str())));
        let hash = high << 64 | low;
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_again_until_so_many_others_came() {
        let mut recent = Recent::default();
        let id = |number: usize| EventId::at("a", 0, number as u64);

        assert!((0..MOST).all(|number| recent.add(&id(number))));
        assert!((0..MOST).all(|number| !recent.add(&id(number))));
        assert!(recent.add(&id(MOST)));
        assert!(recent.add(&id(0)), "the oldest was forgotten");
        assert!(!recent.add(&id(2)));
        assert_eq!((recent.known.len(), recent.order.len()), (MOST, MOST));
    }
}
