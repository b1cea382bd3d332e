//! What this process holds of the near future.
//!
//! The rows are the truth; this is the list of those that it has claimed. It holds names, instants and numbers, never
//! a text. No clock, no database: time, rows and permission come in as arguments.
//!
//! A message waits in the timer until its instant, and then in the line of its account. Lines are served in turn, so
//! that one account with ten thousand messages does not keep another one with one message waiting.

mod line;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Instant;

use jiff::Timestamp;
use line::Outlet;
use squall_connect::Fence;

use crate::flow::{Admission, Lane};
use crate::message::MessageId;
use crate::store::Claimed;

/// The messages that this process holds, by where they are on their way.
#[derive(Debug)]
pub(crate) struct Horizon<P> {
    held: HashMap<MessageId, Held<P>>,
    /// Those whose instant is to come.
    timer: BTreeSet<(Timestamp, MessageId)>,
    /// Those whose instant has come, by destination.
    outlets: BTreeMap<String, Outlet>,
    /// How many of each account wait, and of each lane.
    waiting: HashMap<String, usize>,
    waiting_in: [usize; 2],
    /// How many wait for each destination, by lane.
    waiting_for: HashMap<String, [usize; 2]>,
}

#[derive(Debug)]
struct Held<P> {
    row: Claimed,
    stage: Stage<P>,
}

#[derive(Debug)]
enum Stage<P> {
    Waiting,
    UnderWay {
        /// Its slot at the destination.
        _permit: P,
        /// The same row, claimed anew before the end of this attempt was heard of.
        again: Option<Claimed>,
    },
}

/// A message whose instant has come, and that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Released {
    pub(crate) id: MessageId,
    pub(crate) fence: Fence,
    pub(crate) version: i64,
    pub(crate) attempt: u32,
}

fn lane(row: &Claimed) -> Lane {
    if row.attempts == 0 { Lane::First } else { Lane::Again }
}

fn place(lane: Lane) -> usize {
    match lane {
        Lane::First => 0,
        Lane::Again => 1,
    }
}

impl<P> Horizon<P> {
    pub(crate) fn new() -> Self {
        Self {
            held: HashMap::new(),
            timer: BTreeSet::new(),
            outlets: BTreeMap::new(),
            waiting: HashMap::new(),
            waiting_in: [0; 2],
            waiting_for: HashMap::new(),
        }
    }

    /// How many wait in a lane.
    pub(crate) fn waiting(&self, lane: Lane) -> usize {
        self.waiting_in.get(place(lane)).copied().unwrap_or_default()
    }

    /// The accounts of which at least `many` wait.
    pub(crate) fn crowded(&self, many: usize) -> HashSet<String> {
        self.waiting.iter().filter(|(_, count)| **count >= many).map(|(account, _)| account.clone()).collect()
    }

    /// The destinations for which at least `many` wait in a lane.
    pub(crate) fn full(&self, lane: Lane, many: usize) -> Vec<String> {
        let waits = |counts: &[usize; 2]| counts.get(place(lane)).is_some_and(|count| *count >= many);
        self.waiting_for.iter().filter(|(_, counts)| waits(counts)).map(|(name, _)| name.clone()).collect()
    }

    /// Takes in a row that was claimed.
    pub(crate) fn learn(&mut self, row: Claimed) {
        if let Some(held) = self.held.get_mut(&row.id) {
            // Held under the same number: nothing new.
            if held.row.fence >= row.fence {
                return;
            }
            if let Stage::UnderWay { again, .. } = &mut held.stage {
                *again = Some(row);
                return;
            }
            self.forget(row.id);
        }
        *self.waiting.entry(row.account.clone()).or_default() += 1;
        self.count(lane(&row), &row.destination);
        self.timer.insert((row.at, row.id));
        self.held.insert(row.id, Held { row, stage: Stage::Waiting });
    }

    /// Moves those whose instant has come into their lines.
    pub(crate) fn ripen(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.timer.first().copied()
            && at <= now
        {
            self.timer.pop_first();
            let Some(Held { row, .. }) = self.held.get(&id) else { continue };
            let outlet = self.outlets.entry(row.destination.clone()).or_default();
            outlet.push(lane(row), &row.account, id);
        }
    }

    /// Takes the next message that may be sent; `admit` says which may. It is under way from now on.
    ///
    /// First sends go before further attempts. `now` is the process' own time, `time` that of the database.
    pub(crate) fn release(
        &mut self,
        now: Instant,
        time: Timestamp,
        mut admit: impl FnMut(&Claimed, Lane) -> Admission<P>,
    ) -> Option<Released> {
        for lane in [Lane::First, Lane::Again] {
            for outlet in self.outlets.values_mut() {
                let held = &self.held;
                let next = outlet.next(lane, now, |id| match held.get(&id) {
                    // One that was changed may stand in an old line, and wait for another instant.
                    Some(Held { row, stage: Stage::Waiting }) if row.at <= time => Some(admit(row, lane)),
                    _ => None,
                });
                if let Some((id, permit)) = next {
                    return self.start(id, permit);
                }
            }
        }
        None
    }

    fn start(&mut self, id: MessageId, permit: P) -> Option<Released> {
        let held = self.held.get_mut(&id)?;
        held.stage = Stage::UnderWay { _permit: permit, again: None };
        let row = &held.row;
        let released =
            Released { id, fence: row.fence, version: row.version, attempt: row.attempts.saturating_add(1) };
        let row = row.clone();
        self.uncount(&row);
        Some(released)
    }

    /// The message is no longer under way. What it kept waiting may go on.
    pub(crate) fn done(&mut self, id: MessageId) {
        let Some(Held { row, stage }) = self.held.remove(&id) else { return };
        if let Some(outlet) = self.outlets.get_mut(&row.destination) {
            outlet.unblock(&row.account);
        }
        if let Stage::UnderWay { again: Some(again), .. } = stage {
            self.learn(again);
        }
    }

    /// Lets go of everything that is not under way; it was given back.
    pub(crate) fn let_go(&mut self) {
        self.held.retain(|_, held| match &mut held.stage {
            Stage::Waiting => false,
            Stage::UnderWay { again, .. } => {
                *again = None;
                true
            }
        });
        self.timer.clear();
        self.outlets.clear();
        self.waiting.clear();
        self.waiting_in = [0; 2];
        self.waiting_for.clear();
    }

    /// When the next one in the timer is due, by the clock of the database.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timer.first().map(|(at, _)| *at)
    }

    /// When the next line that rests may be asked again.
    pub(crate) fn next_rested(&self) -> Option<Instant> {
        self.outlets.values().filter_map(Outlet::next_rested).min()
    }

    fn forget(&mut self, id: MessageId) {
        if let Some(Held { row, .. }) = self.held.remove(&id) {
            self.timer.remove(&(row.at, id));
            self.uncount(&row);
        }
    }

    fn count(&mut self, lane: Lane, destination: &str) {
        let counts = self.waiting_for.entry(destination.to_owned()).or_default();
        for counts in [&mut self.waiting_in, counts] {
            if let Some(count) = counts.get_mut(place(lane)) {
                *count += 1;
            }
        }
    }

    fn uncount(&mut self, row: &Claimed) {
        let counts = self.waiting_for.entry(row.destination.clone()).or_default();
        for counts in [&mut self.waiting_in, counts] {
            if let Some(count) = counts.get_mut(place(lane(row))) {
                *count = count.saturating_sub(1);
            }
        }
        if let Some(count) = self.waiting.get_mut(&row.account) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.waiting.remove(&row.account);
            }
        }
    }
}

#[cfg(test)]
mod tests;
