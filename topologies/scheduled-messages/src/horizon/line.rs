//! The lines before a destination: one for each account and lane, served in turn.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Instant;

use crate::destination::Scope;
use crate::flow::{Admission, Lane};
use crate::message::MessageId;

/// What waits for one destination.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    first: Lines,
    again: Lines,
}

impl Outlet {
    /// Adds a message to the line of its account.
    pub(super) fn push(&mut self, lane: Lane, account: &str, id: MessageId) {
        self.lines(lane).push(account, id);
    }

    /// Takes the next message that `admit` lets go; `None` of it: the message is no longer wanted.
    pub(super) fn next<P>(
        &mut self,
        lane: Lane,
        now: Instant,
        admit: impl FnMut(MessageId) -> Option<Admission<P>>,
    ) -> Option<(MessageId, P)> {
        self.lines(lane).next(now, admit)
    }

    /// A slot may be free, and this account has one request less under way.
    pub(super) fn unblock(&mut self, account: &str) {
        self.first.unblock(account);
        self.again.unblock(account);
    }

    pub(super) fn next_rested(&self) -> Option<Instant> {
        [&self.first, &self.again]
            .into_iter()
            .filter_map(|lines| lines.resting.first_key_value().map(|((until, _), _)| *until))
            .min()
    }

    fn lines(&mut self, lane: Lane) -> &mut Lines {
        match lane {
            Lane::First => &mut self.first,
            Lane::Again => &mut self.again,
        }
    }
}

/// The lines of one lane.
#[derive(Debug, Default)]
struct Lines {
    of: HashMap<String, VecDeque<MessageId>>,
    /// The accounts whose turn comes, in order.
    turns: VecDeque<String>,
    /// The accounts that may not send before an instant; the number keeps equal instants apart.
    resting: BTreeMap<(Instant, u64), String>,
    rests: u64,
    /// The accounts that have as many requests under way as they may.
    busy: HashSet<String>,
    /// There is no free slot: nobody need be asked until one of those under way ends.
    is_blocked: bool,
}

impl Lines {
    fn push(&mut self, account: &str, id: MessageId) {
        if let Some(line) = self.of.get_mut(account) {
            line.push_back(id);
            return;
        }
        self.of.insert(account.to_owned(), VecDeque::from([id]));
        self.turns.push_back(account.to_owned());
    }

    fn next<P>(
        &mut self,
        now: Instant,
        mut admit: impl FnMut(MessageId) -> Option<Admission<P>>,
    ) -> Option<(MessageId, P)> {
        self.wake(now);
        if self.is_blocked {
            return None;
        }
        while let Some(account) = self.turns.pop_front() {
            let Some(id) = self.of.get(&account).and_then(|line| line.front().copied()) else {
                self.of.remove(&account);
                continue;
            };
            match admit(id) {
                Some(Admission::Go(permit)) => {
                    self.take(account);
                    return Some((id, permit));
                }
                None => self.take(account),
                Some(Admission::NotBefore(until)) => {
                    self.rests += 1;
                    self.resting.insert((until, self.rests), account);
                }
                Some(Admission::WhenOneEnds(Scope::Account)) => {
                    self.busy.insert(account);
                }
                // The others would hear the same: it stays the turn of this one.
                Some(Admission::WhenOneEnds(Scope::Destination)) => {
                    self.turns.push_front(account);
                    self.is_blocked = true;
                    return None;
                }
            }
        }
        None
    }

    /// The first of a line leaves it; the others wait for their next turn.
    fn take(&mut self, account: String) {
        let Some(line) = self.of.get_mut(&account) else { return };
        line.pop_front();
        if line.is_empty() {
            self.of.remove(&account);
        } else {
            self.turns.push_back(account);
        }
    }

    fn unblock(&mut self, account: &str) {
        self.is_blocked = false;
        if let Some(account) = self.busy.take(account) {
            self.turns.push_back(account);
        }
    }

    fn wake(&mut self, now: Instant) {
        while let Some(entry) = self.resting.first_entry()
            && entry.key().0 <= now
        {
            self.turns.push_back(entry.remove());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet(accounts: &[&str]) -> Outlet {
        let mut outlet = Outlet::default();
        accounts.iter().for_each(|account| outlet.push(Lane::First, account, MessageId::new()));
        outlet
    }

    /// How many are asked for, and how many go, if the answer is always the same.
    fn ask(outlet: &mut Outlet, admit: impl Fn() -> Admission<()>) -> (usize, usize) {
        let mut asked = 0;
        let went = std::iter::from_fn(|| {
            outlet.next(Lane::First, Instant::now(), |_| {
                asked += 1;
                Some(admit())
            })
        });
        (went.count(), asked)
    }

    #[test]
    fn a_destination_that_is_full_is_asked_once_until_one_ends() {
        let mut outlet = outlet(&["alice", "bob", "carol"]);

        assert_eq!(ask(&mut outlet, || Admission::WhenOneEnds(Scope::Destination)), (0, 1));
        outlet.push(Lane::First, "dave", MessageId::new());
        assert_eq!(ask(&mut outlet, || Admission::Go(())), (0, 0));

        outlet.unblock("erin");
        assert_eq!(ask(&mut outlet, || Admission::Go(())), (4, 4));
    }

    #[test]
    fn an_account_that_is_busy_holds_no_other_up_and_is_asked_for_when_one_of_its_own_ends() {
        let mut outlet = outlet(&["alice", "bob"]);

        assert_eq!(ask(&mut outlet, || Admission::WhenOneEnds(Scope::Account)), (0, 2));
        outlet.push(Lane::First, "alice", MessageId::new());
        outlet.push(Lane::First, "carol", MessageId::new());
        assert_eq!(ask(&mut outlet, || Admission::Go(())), (1, 1), "only carol");

        outlet.unblock("bob");
        assert_eq!(ask(&mut outlet, || Admission::Go(())), (1, 1));
        outlet.unblock("alice");
        assert_eq!(ask(&mut outlet, || Admission::Go(())), (2, 2));
    }
}
