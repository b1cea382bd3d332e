//! [`Journal`]: the newest events, in their order.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{Event, NewEvent};

/// How many events are kept.
const KEPT: usize = 5_000;

/// The newest 5,000 events of a process, in their order. A clone is a handle to the same journal.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    /// Stands for the process: its numbers are those of no other.
    life: u64,
    kept: Mutex<Kept>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<Event>>,
    newest: u64,
}

impl Journal {
    /// Writes an event down, and returns its number.
    pub fn write(&self, event: NewEvent) -> u64 {
        let mut kept = self.lock();
        let seq = kept.newest + 1;
        kept.newest = seq;
        if kept.events.len() == KEPT {
            kept.events.pop_front();
        }
        kept.events.push_back(Arc::new(Event { seq, ..event.0 }));
        drop(kept);
        self.0.newest.send_replace(seq);
        seq
    }

    /// The events behind number `after`, oldest first, at most `limit`; what is kept no more is left out.
    pub fn after(&self, after: u64, limit: usize) -> Vec<Arc<Event>> {
        let kept = self.lock();
        let first = kept.events.partition_point(|event| event.seq <= after);
        kept.events.range(first..).take(limit).cloned().collect()
    }

    /// The newest events that `wanted` wants, newest first, at most `limit`.
    pub fn newest(&self, limit: usize, wanted: impl Fn(&Event) -> bool) -> Vec<Arc<Event>> {
        self.lock().events.iter().rev().filter(|event| wanted(event)).take(limit).cloned().collect()
    }

    /// Stands for the process that writes it, in which numbers are counted from 1.
    pub(crate) fn life(&self) -> u64 {
        self.0.life
    }

    /// The number of the newest event, and of those to come: whoever waits for a change sees that there is more.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.0.newest.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Journal {
    fn default() -> Self {
        // By chance, and not by the clock: that may be set back.
        let life = RandomState::new().build_hasher().finish();
        Self(Arc::new(Inner { life, kept: Mutex::default(), newest: watch::Sender::new(0) }))
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("newest", &*self.0.newest.borrow()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(count: usize) -> Journal {
        let journal = Journal::default();
        for number in 1..=count {
            journal.write(NewEvent::new("test", number.to_string()));
        }
        journal
    }

    #[test]
    fn the_oldest_events_make_room_and_numbers_go_on() {
        let journal = written(KEPT + 3);

        let all = journal.after(0, usize::MAX);

        assert_eq!(all.len(), KEPT);
        assert_eq!((all[0].seq, all[KEPT - 1].seq), (4, KEPT as u64 + 3));
    }

    #[test]
    fn a_reader_goes_on_behind_what_it_has_seen() {
        let journal = written(10);

        let seqs: Vec<u64> = journal.after(7, 2).iter().map(|event| event.seq).collect();

        assert_eq!(seqs, [8, 9]);
        assert_eq!(journal.after(10, 2), []);
    }

    #[test]
    fn the_newest_come_first_and_only_those_that_are_wanted() {
        let even = |event: &Event| event.seq.is_multiple_of(2);

        let seqs: Vec<u64> = written(10).newest(3, even).iter().map(|event| event.seq).collect();

        assert_eq!(seqs, [10, 8, 6]);
    }

    #[test]
    fn a_follower_is_woken_by_the_next_event() {
        let journal = written(1);
        let mut follower = journal.follow();
        assert!(!follower.has_changed().unwrap());

        journal.write(NewEvent::new("test", "another"));

        assert!(follower.has_changed().unwrap());
        assert_eq!(*follower.borrow_and_update(), 2);
    }

    #[test]
    fn a_sentence_that_is_too_long_is_cut_between_two_characters() {
        let journal = Journal::default();
        journal.write(NewEvent::new("test", "ä".repeat(400)));

        let sentence = &journal.after(0, 1)[0].sentence;

        assert_eq!(sentence.chars().count(), 251);
        assert!(sentence.ends_with("ä…"));
    }
}
