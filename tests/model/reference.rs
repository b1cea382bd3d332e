//! The sequential reference: what has to happen to one attempt of a root, and what may.

use std::collections::BTreeMap;

use squall::Reason;

use crate::{
    case::{Case, Parking},
    fault::{Fault, RootId, Token},
};

/// The tree of one attempt, worked off tuple by tuple.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// By bolt and path: exactly so often if the attempt is acked, at most so often if it fails.
    pub(crate) executes: BTreeMap<(usize, u64), u32>,
    /// The faults that it may meet: it fails exactly if there is one.
    pub(crate) reasons: Vec<Reason>,
    /// Whether some of them, and whether all, are for good.
    pub(crate) some_for_good: bool,
    pub(crate) all_for_good: bool,
    /// Whether it waits in a bolt that holds its anchor.
    pub(crate) parks: bool,
}

impl Expected {
    pub(crate) fn of(case: &Case, root: RootId) -> Self {
        let mut expected = Self { all_for_good: true, ..Self::default() };
        if let Some(fault) = case.fault_of_next(root) {
            // What `next` emitted for it is not sent.
            expected.meets(fault);
            return expected;
        }
        for nth in 0..case.spouts[root.spout].fanout {
            expected.deliver(case, root.spout, &root.seed().child(root.spout, nth));
        }
        expected
    }

    fn meets(&mut self, fault: Fault) {
        let Some(reason) = fault.reason() else { return };
        self.reasons.push(reason);
        let is_for_good = fault == Fault::RefusesForGood;
        self.some_for_good |= is_for_good;
        self.all_for_good &= is_for_good;
    }

    /// `from` has emitted the tuple: every subscription gets it.
    fn deliver(&mut self, case: &Case, from: usize, token: &Token) {
        for (bolt, input, grouping) in case.readers(from) {
            if grouping.has_key() && case.key_panics(bolt, input, token) {
                self.meets(Fault::Panics);
                continue;
            }
            (0..grouping.copies(case.bolts[bolt].tasks)).for_each(|_| self.execute(case, bolt, token));
        }
    }

    fn execute(&mut self, case: &Case, bolt: usize, token: &Token) {
        *self.executes.entry((bolt, token.path)).or_default() += 1;
        self.parks |= case.bolts[bolt].parking != Parking::None;
        let fault = case.fault(bolt, token);
        fault.into_iter().for_each(|fault| self.meets(fault));
        if fault.is_some_and(Fault::spoils_the_execute) && !case.bolts[bolt].flushes {
            return;
        }
        for nth in 0..case.bolts[bolt].fanout {
            self.deliver(case, case.number(bolt), &token.child(case.number(bolt), nth));
        }
    }
}
