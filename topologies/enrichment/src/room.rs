//! How many activities may wait for answers at once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use squall::Latency;
use tokio::sync::Notify;

use crate::times::Times;

/// The room for activities that wait for answers, and what became of those that did. Cheap to clone: clones are the
/// same room.
///
/// A room is full when as many activities wait in it as may, or as many bytes of them; then nothing further is read
/// until an eighth of it is free again. What is between reading and waiting by then still comes in: it is more than the
/// limit by what the inboxes hold.
///
/// ```
/// use squall_enrichment::Room;
///
/// let room = Room::new(1000, 64 * 1024 * 1024);
///
/// assert_eq!((room.activities(), room.waiting(), room.is_full()), (1000, 0, false));
/// ```
#[derive(Clone)]
pub struct Room(Arc<Inner>);

struct Inner {
    activities: usize,
    bytes: u64,
    waiting: AtomicUsize,
    held: AtomicU64,
    is_full: AtomicBool,
    has_room: Notify,
    joined: Times,
    repeated: AtomicU64,
    abandoned: AtomicU64,
}

/// What one activity takes of a room, until it is dropped.
pub(crate) struct Place {
    room: Room,
    bytes: u64,
}

impl Room {
    /// A room for so many activities, and so many bytes of them.
    pub fn new(activities: usize, bytes: u64) -> Self {
        Self(Arc::new(Inner {
            activities,
            bytes,
            waiting: AtomicUsize::new(0),
            held: AtomicU64::new(0),
            is_full: AtomicBool::new(false),
            has_room: Notify::new(),
            joined: Times::default(),
            repeated: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
        }))
    }

    /// How many activities may wait.
    pub fn activities(&self) -> usize {
        self.0.activities
    }

    /// How many activities wait.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// The bytes of the activities that wait, and of the answers that they have: about what they take of the memory.
    pub fn bytes(&self) -> u64 {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Whether nothing further is read.
    pub fn is_full(&self) -> bool {
        self.0.is_full.load(Ordering::Acquire)
    }

    /// How long activities waited that have all their answers.
    pub fn waited(&self) -> Latency {
        self.0.joined.latency()
    }

    /// Answers that were there already.
    pub fn repeated(&self) -> u64 {
        self.0.repeated.load(Ordering::Relaxed)
    }

    /// Activities that waited no longer because something about them had failed: their source delivers them again, or
    /// tells what became of them.
    pub fn abandoned(&self) -> u64 {
        self.0.abandoned.load(Ordering::Relaxed)
    }

    /// Waits until the room is not full.
    pub(crate) async fn has_room(&self) {
        loop {
            // Made before the look: whoever makes room behind it wakes this one.
            let has_room = self.0.has_room.notified();
            if !self.is_full() {
                return;
            }
            has_room.await;
        }
    }

    /// Takes a place, whether there is one or not: what is on its way has to be somewhere.
    pub(crate) fn take(&self, bytes: u64) -> Place {
        self.0.waiting.fetch_add(1, Ordering::AcqRel);
        let mut place = Place { room: self.clone(), bytes: 0 };
        place.grow(bytes);
        place
    }

    pub(crate) fn note_joined(&self, waited: Duration) {
        self.0.joined.note(waited);
    }

    pub(crate) fn note_repeated(&self) {
        self.0.repeated.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn note_abandoned(&self) {
        self.0.abandoned.fetch_add(1, Ordering::Relaxed);
    }
}

impl Inner {
    fn fill(&self, bytes: u64) {
        let held = self.held.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes);
        if self.waiting.load(Ordering::Acquire) >= self.activities || held >= self.bytes {
            self.is_full.store(true, Ordering::Release);
        }
    }

    /// Whoever says that it is full has a place, and looks here once more when giving it up: it cannot stay full.
    fn empty(&self, bytes: u64) {
        let held = self.held.fetch_sub(bytes, Ordering::AcqRel).saturating_sub(bytes);
        let waiting = self.waiting.fetch_sub(1, Ordering::AcqRel).saturating_sub(1);
        if self.is_full.load(Ordering::Acquire)
            && waiting <= self.activities - self.activities.div_ceil(8)
            && held <= self.bytes - self.bytes.div_ceil(8)
        {
            self.is_full.store(false, Ordering::Release);
            self.has_room.notify_waiters();
        }
    }
}

impl Place {
    /// Takes so many bytes more.
    pub(crate) fn grow(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.room.0.fill(bytes);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.empty(self.bytes);
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { activities, bytes, .. } = &*self.0;
        f.debug_struct("Room")
            .field("activities", activities)
            .field("bytes", bytes)
            .field("waiting", &self.waiting())
            .field("is_full", &self.is_full())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Whether somebody who waits for room would go on.
    fn lets_in(room: &Room) -> bool {
        pin!(room.has_room()).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn a_full_room_lets_nobody_in_until_an_eighth_is_free() {
        let room = Room::new(8, 1_000_000);
        let mut places: Vec<_> = (0..7).map(|_| room.take(100)).collect();
        assert!(lets_in(&room));

        places.extend([room.take(100), room.take(100)]);
        assert!(!lets_in(&room));
        assert_eq!((room.waiting(), room.bytes()), (9, 900));

        places.truncate(8);
        assert!(!lets_in(&room));
        places.truncate(7);
        assert!(lets_in(&room));
        places.clear();
        assert_eq!((room.waiting(), room.bytes()), (0, 0));
    }

    #[test]
    fn a_room_is_full_by_its_bytes_too_answers_included() {
        let room = Room::new(8, 800);
        let (mut one, other) = (room.take(300), room.take(300));
        assert!(lets_in(&room));

        one.grow(200);
        assert!(!lets_in(&room));

        drop(other);
        assert!(lets_in(&room));
    }

    #[test]
    fn one_that_is_larger_than_the_room_finds_a_place_in_it_when_it_is_empty() {
        let room = Room::new(8, 800);

        let huge = room.take(10_000);
        assert!(!lets_in(&room));

        drop(huge);
        assert!(lets_in(&room));
    }

    #[test]
    fn whoever_waits_is_woken() {
        let room = Room::new(1, 1);
        let place = room.take(1);
        let mut waiting = pin!(room.has_room());
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(cx).is_pending());

        drop(place);

        assert!(waiting.poll(cx).is_ready());
    }

    #[test]
    fn what_was_waited_is_told() {
        let room = Room::new(1, 1);

        room.note_joined(Duration::from_millis(4));

        let waited = room.waited();
        assert_eq!((waited.count(), waited.quantile(0.5)), (1, Some(0.004)));
    }
}
