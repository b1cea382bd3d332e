//! [`Desk`]: where the thread that polls the broker and the task that works meet.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use super::{
    sync::{Condvar, Mutex, lock, wait},
    tracker::{Flow, Standing, Stop, Ticket, Tracker},
};

/// Where records wait for the spout's task, and where the thread that polls waits for outcomes.
///
/// Both hold the lock for a few instructions, none of which is user code.
#[derive(Debug)]
pub(super) struct Desk<T> {
    books: Mutex<Books<T>>,
    /// Something has its outcome, or is wanted.
    told: Condvar,
}

#[derive(Debug)]
struct Books<T> {
    tracker: Tracker,
    arrivals: VecDeque<(Ticket, T)>,
    /// Who waits for arrivals, or for the end.
    reader: Option<Waker>,
    wanted: Wanted,
    /// Since when no task works with it.
    alone: Option<Instant>,
    end: Option<End>,
}

/// What the task wants of the thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Commit what there is now.
    pub(super) commit: bool,
    /// Commit, leave the group and end.
    pub(super) end: bool,
}

/// How the thread ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As it was wanted.
    Closed,
    /// It cannot go on; the sentence says why.
    Broken(String),
}

impl<T> Desk<T> {
    pub(super) fn new(tracker: Tracker) -> Self {
        let wanted = Wanted::default();
        Self {
            books: Mutex::new(Books {
                tracker,
                arrivals: VecDeque::new(),
                reader: None,
                wanted,
                alone: None,
                end: None,
            }),
            told: Condvar::new(),
        }
    }
}

/// What the thread does.
impl<T> Desk<T> {
    pub(super) fn assign(&self, partition: i32, next: i64, committed: Option<i64>) {
        let mut books = lock(&self.books);
        books.tracker.assign(partition, next, committed);
        books.forget_arrivals(partition);
    }

    /// Lays a record down; `false` if there is no room for more, or its partition is not read now.
    pub(super) fn arrive(
        &self,
        partition: i32,
        offset: i64,
        bytes: u32,
        timestamp: Option<i64>,
        record: T,
    ) -> bool {
        let mut books = lock(&self.books);
        let Some(ticket) = books.tracker.receive(partition, offset, bytes, timestamp) else { return false };
        books.arrivals.push_back((ticket, record));
        let has_room = books.tracker.has_room();
        let reader = books.reader.take();
        drop(books);
        // Whoever is woken finds the lock free.
        if let Some(reader) = reader {
            reader.wake();
        }
        has_room
    }

    /// Waits, for so long at most, until no partition that is read is at a limit, or something is wanted.
    pub(super) fn wait_for_room(&self, most: Duration) {
        self.wait_until(most, |books| books.tracker.has_room() || books.wanted != Wanted::default());
    }

    /// Waits, for so long at most, until the end is wanted; whether it is.
    pub(super) fn wait_for_end(&self, most: Duration) -> bool {
        self.wait_until(most, |books| books.wanted.end)
    }

    pub(super) fn flow(&self) -> Flow {
        lock(&self.books).tracker.flow()
    }

    /// Lets these partitions come to rest: nothing more is handed out of them.
    pub(super) fn revoke(&self, partitions: &[i32]) {
        let mut books = lock(&self.books);
        for partition in partitions {
            books.tracker.revoke(*partition);
            books.forget_arrivals(*partition);
        }
    }

    /// Waits, for so long at most, until all that was handed out of these has its outcome; whether it has.
    pub(super) fn wait_until_drained(&self, partitions: &[i32], most: Duration) -> bool {
        let is_drained = |books: &Books<T>| partitions.iter().all(|one| books.tracker.is_drained(*one));
        self.wait_until(most, is_drained)
    }

    /// The offsets to commit: of these partitions, or of all.
    pub(super) fn committable(&self, of: Option<&[i32]>) -> Vec<(i32, i64)> {
        let tracker = &mut lock(&self.books).tracker;
        match of {
            None => tracker.committable(),
            Some(of) => of.iter().filter_map(|one| Some((*one, tracker.committable_of(*one)?))).collect(),
        }
    }

    pub(super) fn committed(&self, partition: i32, offset: i64) {
        lock(&self.books).tracker.committed(partition, offset);
    }

    pub(super) fn not_committed(&self, partition: i32) {
        lock(&self.books).tracker.not_committed(partition);
    }

    pub(super) fn forget(&self, partitions: &[i32]) {
        let mut books = lock(&self.books);
        for partition in partitions {
            books.tracker.forget(*partition);
            books.forget_arrivals(*partition);
        }
    }

    /// Takes what is wanted; that the end is wanted stays.
    pub(super) fn wanted(&self) -> Wanted {
        let mut books = lock(&self.books);
        let wanted = books.wanted;
        books.wanted.commit = false;
        wanted
    }

    /// How long no task has worked with it.
    pub(super) fn alone(&self) -> Duration {
        lock(&self.books).alone.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The thread has ended. The first end is kept.
    pub(super) fn ended(&self, end: End) {
        let mut books = lock(&self.books);
        books.end.get_or_insert(end);
        let reader = books.reader.take();
        drop(books);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    fn wait_until(&self, most: Duration, mut is_so: impl FnMut(&Books<T>) -> bool) -> bool {
        let begin = Instant::now();
        let mut books = lock(&self.books);
        loop {
            if is_so(&books) {
                return true;
            }
            let Some(rest) = most.checked_sub(begin.elapsed()).filter(|rest| !rest.is_zero()) else {
                return false;
            };
            books = wait(&self.told, books, rest);
        }
    }
}

/// What the task does.
impl<T> Desk<T> {
    /// The next record, or how the thread ended.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Result<(Ticket, T), End>> {
        let mut books = lock(&self.books);
        if let Some(next) = books.take() {
            return Poll::Ready(Ok(next));
        }
        books.poll_end(cx).map(Err)
    }

    /// The next record, if there is one now.
    pub(super) fn try_take(&self) -> Option<(Ticket, T)> {
        lock(&self.books).take()
    }

    pub(super) fn ack(&self, ticket: &Ticket) {
        lock(&self.books).tracker.ack(ticket);
        self.told.notify_all();
    }

    pub(super) fn give_up(&self, ticket: &Ticket) {
        lock(&self.books).tracker.give_up(ticket);
        self.told.notify_all();
    }

    /// The record's partition is read no further, if the record is of its present assignment.
    pub(super) fn stop_for(&self, ticket: &Ticket, why: Stop) {
        let is_current = |standing: Standing| standing.fence == ticket.fence();
        if self.standing(ticket.partition()).is_some_and(is_current) {
            self.stop(ticket.partition(), why);
        }
    }

    /// The partition is read no further.
    pub(super) fn stop(&self, partition: i32, why: Stop) {
        let mut books = lock(&self.books);
        books.tracker.stop(partition, why);
        books.forget_arrivals(partition);
        drop(books);
        self.told.notify_all();
    }

    /// A task works with it from now on, or no longer.
    pub(super) fn has_worker(&self, has_one: bool) {
        lock(&self.books).alone = (!has_one).then(Instant::now);
    }

    pub(super) fn want_commit(&self) {
        lock(&self.books).wanted.commit = true;
        self.told.notify_all();
    }

    pub(super) fn want_end(&self) {
        lock(&self.books).wanted.end = true;
        self.told.notify_all();
    }

    /// How the thread ended, once it has.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<End> {
        lock(&self.books).poll_end(cx)
    }
}

/// What those who watch ask.
impl<T> Desk<T> {
    pub(super) fn has_ended(&self) -> bool {
        lock(&self.books).end.is_some()
    }

    pub(super) fn standings(&self) -> Vec<(i32, Standing)> {
        let tracker = &lock(&self.books).tracker;
        tracker.partitions().filter_map(|one| Some((one, tracker.standing(one)?))).collect()
    }

    pub(super) fn standing(&self, partition: i32) -> Option<Standing> {
        lock(&self.books).tracker.standing(partition)
    }

    /// Bytes that are held, and what was said too late.
    pub(super) fn bytes_and_late(&self) -> (u64, u64) {
        let tracker = &lock(&self.books).tracker;
        (tracker.bytes(), tracker.late())
    }
}

impl<T> Books<T> {
    fn take(&mut self) -> Option<(Ticket, T)> {
        while let Some((ticket, record)) = self.arrivals.pop_front() {
            if self.tracker.hand_out(&ticket) {
                return Some((ticket, record));
            }
        }
        None
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if let Some(end) = &self.end {
            return Poll::Ready(end.clone());
        }
        match &mut self.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    fn forget_arrivals(&mut self, partition: i32) {
        self.arrivals.retain(|(ticket, _)| ticket.partition() != partition);
    }
}
