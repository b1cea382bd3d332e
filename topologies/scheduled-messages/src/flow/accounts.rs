//! The accounts of which something is known.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::account::Account;

/// So many accounts are remembered for each destination, and those whose attempts are under way.
pub(super) const CAPACITY: usize = 100_000;

/// It is not worth looking for idle ones among fewer.
const SMALL: usize = 1024;

/// The accounts of which something is known. Those of which nothing has to be remembered are forgotten, and when there
/// are too many all the same, those that would be forgotten next.
#[derive(Debug)]
pub(super) struct Accounts {
    by_name: HashMap<Arc<str>, Account>,
    /// When there are so many, idle ones are looked for: so rarely that it costs each new one little.
    sweep_at: usize,
}

impl Accounts {
    pub(super) fn new() -> Self {
        Self { by_name: HashMap::new(), sweep_at: SMALL }
    }

    pub(super) fn get(&mut self, name: &str) -> Option<&mut Account> {
        self.by_name.get_mut(name)
    }

    /// The account with this name, made if nothing is known of it.
    pub(super) fn get_or(&mut self, name: &str, now: Instant, new: impl FnOnce() -> Account) -> &mut Account {
        if !self.by_name.contains_key(name) && self.by_name.len() >= self.sweep_at {
            self.sweep(now);
        }
        let name = self.name(name).unwrap_or_else(|| Arc::from(name));
        self.by_name.entry(name).or_insert_with(new)
    }

    /// The name as it is kept here.
    pub(super) fn name(&self, name: &str) -> Option<Arc<str>> {
        self.by_name.get_key_value(name).map(|(name, _)| Arc::clone(name))
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn resting(&self, now: Instant) -> usize {
        self.by_name.values().filter(|account| account.meter.rests_until(now).is_some()).count()
    }

    fn sweep(&mut self, now: Instant) {
        self.by_name.retain(|_, account| account.is_under_way() || account.idle_from() > Some(now));
        if self.by_name.len() > CAPACITY / 10 * 9 {
            self.forget_soonest();
        }
        self.sweep_at = (self.by_name.len() * 2).clamp(SMALL, CAPACITY);
    }

    /// Forgets a tenth: those whose rests end first.
    fn forget_soonest(&mut self) {
        let idle_from = |account: &Account| (!account.is_under_way()).then(|| account.idle_from());
        let mut ends: Vec<_> = self.by_name.values().filter_map(idle_from).collect();
        let tenth = CAPACITY / 10;
        if ends.len() <= tenth {
            self.by_name.retain(|_, account| account.is_under_way());
            return;
        }
        let (_, last, _) = ends.select_nth_unstable(tenth);
        let last = *last;
        self.by_name.retain(|_, account| account.is_under_way() || account.idle_from() > last);
    }
}
