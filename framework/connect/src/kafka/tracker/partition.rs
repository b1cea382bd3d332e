//! One partition in the books of a tracker.

use std::collections::VecDeque;

use super::{Limits, Stop};
use crate::Fence;

/// What became of a record that was handed out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Left,
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It has come, and waits for whoever takes it.
    Waiting,
    /// It was handed out.
    Out,
    /// It will not be done under this assignment.
    Left,
    Done,
}

#[derive(Debug)]
struct Entry {
    offset: i64,
    timestamp: Option<i64>,
    bytes: u32,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    Draining,
    Stopped(Stop),
}

/// How a partition stands, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The assignment.
    pub fence: Fence,
    /// The offset that is received next.
    pub next: i64,
    /// The lowest offset that is not done: what is committed sooner or later.
    pub lowest: i64,
    /// What the broker has for it.
    pub committed: Option<i64>,
    /// Records that came and are not done.
    pub under_way: usize,
    /// The timestamp of the first of them in milliseconds since 1970, if it has one.
    pub oldest_timestamp: Option<i64>,
    /// Whether it is not fetched for now.
    pub paused: bool,
    /// Whether it will go, and waits for what is under way.
    pub draining: bool,
    /// Why it is read no further.
    pub stopped: Option<Stop>,
}

#[derive(Debug)]
pub(super) struct Partition {
    fence: Fence,
    state: State,
    /// From the first that is not done on, by offset. Those that wait are the last ones.
    window: VecDeque<Entry>,
    next: i64,
    waiting: usize,
    out: usize,
    bytes: u64,
    committed: Option<i64>,
    offered: Option<i64>,
    is_paused: bool,
}

impl Partition {
    pub(super) fn new(fence: Fence, next: i64, committed: Option<i64>) -> Self {
        Self {
            fence,
            state: State::Open,
            window: VecDeque::new(),
            next,
            waiting: 0,
            out: 0,
            bytes: 0,
            committed,
            offered: committed,
            is_paused: false,
        }
    }

    pub(super) fn fence(&self) -> Fence {
        self.fence
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.window.len()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.is_paused
    }

    pub(super) fn is_drained(&self) -> bool {
        self.out == 0
    }

    pub(super) fn receive(&mut self, offset: i64, bytes: u32, timestamp: Option<i64>) -> Option<Fence> {
        if self.state != State::Open || offset < self.next {
            return None;
        }
        self.window.push_back(Entry { offset, timestamp, bytes, place: Place::Waiting });
        self.next = offset.saturating_add(1);
        self.waiting += 1;
        self.bytes += u64::from(bytes);
        Some(self.fence)
    }

    pub(super) fn hand_out(&mut self, offset: i64) -> bool {
        let Some(entry) = self.entry(offset).filter(|entry| entry.place == Place::Waiting) else {
            return false;
        };
        entry.place = Place::Out;
        self.waiting -= 1;
        self.out += 1;
        true
    }

    /// The bytes that are free by that.
    pub(super) fn settle(&mut self, offset: i64, outcome: Outcome) -> u64 {
        let Some(entry) = self.entry(offset).filter(|entry| entry.place == Place::Out) else { return 0 };
        let bytes = u64::from(entry.bytes);
        entry.place = if outcome == Outcome::Done { Place::Done } else { Place::Left };
        self.out -= 1;
        self.bytes -= bytes;
        while self.window.front().is_some_and(|entry| entry.place == Place::Done) {
            self.window.pop_front();
        }
        bytes
    }

    pub(super) fn stop(&mut self, why: Stop) -> u64 {
        if !matches!(self.state, State::Stopped(_)) {
            self.state = State::Stopped(why);
        }
        self.forget_waiting()
    }

    pub(super) fn drain(&mut self) -> u64 {
        if self.state == State::Open {
            self.state = State::Draining;
        }
        self.forget_waiting()
    }

    /// Takes back what came and was not handed out, as if it had not come.
    fn forget_waiting(&mut self) -> u64 {
        let mut freed = 0;
        while let Some(entry) = self.window.pop_back_if(|entry| entry.place == Place::Waiting) {
            self.next = entry.offset;
            self.waiting -= 1;
            freed += u64::from(entry.bytes);
        }
        self.bytes -= freed;
        freed
    }

    pub(super) fn offer(&mut self) -> Option<i64> {
        let lowest = self.lowest();
        if self.offered.is_some_and(|offered| lowest <= offered) {
            return None;
        }
        self.offered = Some(lowest);
        self.offered
    }

    pub(super) fn committed(&mut self, offset: i64) {
        self.committed = self.committed.max(Some(offset));
    }

    pub(super) fn not_committed(&mut self) {
        self.offered = self.committed;
    }

    /// Whether it is paused now, if that has changed.
    pub(super) fn turn(&mut self, bytes: u64, limits: Limits) -> Option<bool> {
        let is_full = self.len() >= limits.messages || bytes >= limits.bytes;
        let is_free = self.len() <= limits.messages / 2 && bytes <= limits.bytes / 4 * 3;
        let pause = self.state != State::Open || is_full || (self.is_paused && !is_free);
        let has_changed = pause != self.is_paused;
        self.is_paused = pause;
        has_changed.then_some(pause)
    }

    pub(super) fn standing(&self) -> Standing {
        let stopped = match &self.state {
            State::Stopped(why) => Some(why.clone()),
            State::Open | State::Draining => None,
        };
        Standing {
            fence: self.fence,
            next: self.next,
            lowest: self.lowest(),
            committed: self.committed,
            under_way: self.waiting + self.out,
            oldest_timestamp: self.window.front().and_then(|entry| entry.timestamp),
            paused: self.is_paused,
            draining: self.state == State::Draining,
            stopped,
        }
    }

    fn lowest(&self) -> i64 {
        self.window.front().map_or(self.next, |entry| entry.offset)
    }

    fn entry(&mut self, offset: i64) -> Option<&mut Entry> {
        let at = self.window.partition_point(|entry| entry.offset < offset);
        self.window.get_mut(at).filter(|entry| entry.offset == offset)
    }
}
