//! What the spout knows of the near future.
//!
//! The rows are the truth; this is a window on them. It holds names, instants and versions, never a text, and no
//! more than [`CAPACITY`] of those that wait. No clock, no database: time and rows come in as arguments.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::message::MessageId;
use crate::store::Upcoming;

/// How far ahead it looks. It looks again when half of it has passed.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_secs(2);

/// Messages that wait for their instant at most; what is due after the last of them is forgotten and read again.
const CAPACITY: usize = 4096;

/// Rows in one look.
pub(crate) const PAGE: u32 = 1024;

/// A place in the order of instants.
type Place = (Timestamp, MessageId);

/// The messages that are due soon, those under way, and how far the rows were read.
#[derive(Debug)]
pub(crate) struct Horizon {
    /// Every unfinished row up to this place is held below, or was written after the bell rang for it.
    cursor: Place,
    /// The versions of the messages whose instant is to come.
    waiting: BTreeMap<Place, i64>,
    /// Messages whose root failed, by when they are looked at again; the value is the instant of their row.
    parked: BTreeMap<Place, Timestamp>,
    held: HashMap<MessageId, Hold>,
    /// The cursor went back: what lies there is wanted, however much is waiting.
    is_rewound: bool,
    /// The end of the look that is under way, and whether the cursor went back meanwhile.
    looking: Option<(Timestamp, bool)>,
}

/// Where a message is that must not be released a second time.
#[derive(Clone, Copy, Debug)]
enum Hold {
    Waiting(Timestamp),
    /// Released at the first instant. If the row was met again meanwhile, it wants to be looked at at the second.
    UnderWay(Timestamp, Option<Timestamp>),
    Parked,
}

/// A look that is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) after: Place,
    pub(crate) until: Timestamp,
}

impl Horizon {
    pub(crate) fn new() -> Self {
        Self {
            cursor: (Timestamp::MIN, first()),
            waiting: BTreeMap::new(),
            parked: BTreeMap::new(),
            held: HashMap::new(),
            is_rewound: false,
            looking: None,
        }
    }

    /// Returns the look that is worth taking now, if any, and counts it as under way until `learn` or `blink`.
    pub(crate) fn look(&mut self, now: Timestamp) -> Option<Look> {
        if self.looking.is_some() || self.next_look().is_none_or(|at| at > now) {
            return None;
        }
        let until = add(now, LOOK_AHEAD);
        self.looking = Some((until, false));
        self.is_rewound = false;
        Some(Look { after: self.cursor, until })
    }

    /// When the next look is worth taking; `None` if enough is waiting.
    fn next_look(&self) -> Option<Timestamp> {
        if self.is_rewound {
            return Some(Timestamp::MIN);
        }
        (self.waiting.len() <= CAPACITY / 2).then(|| add(self.cursor.0, -LOOK_AHEAD / 2))
    }

    /// Takes in what a look saw: at most [`PAGE`] rows in order.
    pub(crate) fn learn(&mut self, rows: &[Upcoming]) {
        let Some((until, is_outdated)) = self.looking.take() else { return };
        for row in rows {
            self.meet(row);
        }
        if !is_outdated {
            let is_last_page = rows.len() < PAGE as usize;
            let seen = rows.last().filter(|_| !is_last_page).map(|row| (row.at, row.id));
            self.cursor = seen.unwrap_or((until, last()));
        }
        while self.waiting.len() > CAPACITY {
            if let Some(((_, id), _)) = self.waiting.pop_last() {
                self.held.remove(&id);
            }
            if let Some((place, _)) = self.waiting.last_key_value() {
                self.cursor = self.cursor.min(*place);
            }
        }
    }

    /// The look that was under way came to nothing.
    pub(crate) fn blink(&mut self) {
        self.looking = None;
        // What it was taken for is still wanted.
        self.is_rewound = true;
    }

    fn meet(&mut self, row: &Upcoming) {
        match self.held.get_mut(&row.id) {
            Some(Hold::UnderWay(_, again)) => *again = Some(again.map_or(row.at, |at| at.min(row.at))),
            Some(Hold::Parked) => {}
            Some(Hold::Waiting(at)) => {
                self.waiting.remove(&(*at, row.id));
                *at = row.at;
                self.waiting.insert((row.at, row.id), row.version);
            }
            None => {
                self.held.insert(row.id, Hold::Waiting(row.at));
                self.waiting.insert((row.at, row.id), row.version);
            }
        }
    }

    /// A row at `at` was written: what lies there has to be read again, if it was read before.
    pub(crate) fn rewind(&mut self, at: Timestamp) {
        if let Some((until, is_outdated)) = &mut self.looking
            && at <= *until
        {
            *is_outdated = true;
        }
        if self.cursor > (at, first()) {
            self.cursor = (at, first());
            self.is_rewound = true;
        }
    }

    /// Takes the next message whose instant has come, with its version; it is under way from now on.
    pub(crate) fn release(&mut self, now: Timestamp) -> Option<(MessageId, i64)> {
        let entry = self.waiting.first_entry()?;
        let (at, id) = *entry.key();
        if at > now {
            return None;
        }
        let version = entry.remove();
        self.held.insert(id, Hold::UnderWay(at, None));
        Some((id, version))
    }

    /// The message is no longer under way, and its row says what became of it.
    pub(crate) fn done(&mut self, id: MessageId) {
        if let Some(Hold::UnderWay(_, Some(again))) = self.held.remove(&id) {
            self.rewind(again);
        }
    }

    /// The message is no longer under way, and what its row says has to be looked up, but not before `until`.
    pub(crate) fn park(&mut self, id: MessageId, until: Timestamp) {
        if let Some(Hold::UnderWay(at, again)) = self.held.get(&id).copied() {
            self.parked.insert((until, id), again.map_or(at, |again| again.min(at)));
            self.held.insert(id, Hold::Parked);
        }
    }

    /// Lets go of what was parked until now.
    pub(crate) fn unpark(&mut self, now: Timestamp) {
        while let Some(entry) = self.parked.first_entry()
            && entry.key().0 <= now
        {
            let (_, id) = *entry.key();
            let at = entry.remove();
            self.held.remove(&id);
            self.rewind(at);
        }
    }

    /// When there is something to do next, unless a bell rings or a root ends.
    pub(crate) fn next_instant(&self) -> Option<Timestamp> {
        let waiting = self.waiting.first_key_value().map(|((at, _), _)| *at);
        let parked = self.parked.first_key_value().map(|((at, _), _)| *at);
        let look = if self.looking.is_none() { self.next_look() } else { None };
        [waiting, parked, look].into_iter().flatten().min()
    }
}

/// Before every id.
fn first() -> MessageId {
    MessageId(Uuid::nil())
}

/// Behind every id.
fn last() -> MessageId {
    MessageId(Uuid::max())
}

fn add(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_900_000_000_000 + millis).unwrap()
    }

    fn id(n: u128) -> MessageId {
        MessageId(Uuid::from_u128(n))
    }

    fn row(n: u128, millis: i64) -> Upcoming {
        Upcoming { at: at(millis), id: id(n), version: 1 }
    }

    fn released(horizon: &mut Horizon, now: i64) -> Vec<MessageId> {
        std::iter::from_fn(|| horizon.release(at(now)).map(|(id, _)| id)).collect()
    }

    /// Looks at rows as the store would show them.
    fn look(horizon: &mut Horizon, now: i64, rows: &[Upcoming]) -> bool {
        let Some(Look { after, until }) = horizon.look(at(now)) else { return false };
        let mut seen: Vec<_> =
            rows.iter().copied().filter(|row| (row.at, row.id) > after && row.at <= until).collect();
        seen.sort_by_key(|row| (row.at, row.id));
        seen.truncate(PAGE as usize);
        horizon.learn(&seen);
        true
    }

    #[test]
    fn messages_are_released_at_their_instants_in_their_order() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[row(1, 500), row(2, 100)]);

        assert_eq!(released(&mut horizon, 99), []);
        assert_eq!(released(&mut horizon, 100), [id(2)]);
        assert_eq!(released(&mut horizon, 500), [id(1)]);
    }

    #[test]
    fn a_message_under_way_is_not_released_again() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[row(1, 0)]);
        assert_eq!(released(&mut horizon, 0), [id(1)]);

        horizon.rewind(at(0));
        assert!(look(&mut horizon, 1, &[row(1, 0)]));

        assert_eq!(released(&mut horizon, 1), []);
    }

    #[test]
    fn a_retry_that_was_written_before_the_ack_is_found_after_it() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[row(1, 0)]);
        released(&mut horizon, 0);
        let retry = row(1, 700);
        horizon.rewind(at(700));
        look(&mut horizon, 1, &[retry]);

        horizon.done(id(1));
        assert!(look(&mut horizon, 2, &[retry]));

        assert_eq!(released(&mut horizon, 700), [id(1)]);
    }

    #[test]
    fn an_earlier_message_is_seen_at_once() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[row(1, 1500)]);
        assert!(!look(&mut horizon, 1, &[]), "nothing new: no look");

        horizon.rewind(at(300));
        assert_eq!(horizon.next_instant(), Some(Timestamp::MIN));
        look(&mut horizon, 2, &[row(1, 1500), row(2, 300)]);

        assert_eq!(horizon.next_instant(), Some(at(300)));
    }

    #[test]
    fn what_is_written_during_a_look_is_not_overlooked() {
        let mut horizon = Horizon::new();
        horizon.look(at(0)).unwrap();
        horizon.rewind(at(100));
        horizon.learn(&[row(1, 1500)]);

        assert!(look(&mut horizon, 1, &[row(1, 1500), row(2, 100)]));

        assert_eq!(released(&mut horizon, 100), [id(2)]);
    }

    #[test]
    fn a_later_message_needs_no_look() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[]);

        horizon.rewind(at(60_000));

        assert!(!look(&mut horizon, 1, &[]));
        assert_eq!(horizon.next_instant(), Some(at(1000)));
    }

    #[test]
    fn what_failed_is_looked_up_again_after_its_pause() {
        let mut horizon = Horizon::new();
        look(&mut horizon, 0, &[row(1, 0)]);
        released(&mut horizon, 0);

        horizon.park(id(1), at(400));
        horizon.unpark(at(399));
        assert!(!look(&mut horizon, 399, &[row(1, 0)]));
        horizon.unpark(at(400));
        assert!(look(&mut horizon, 400, &[row(1, 0)]));

        assert_eq!(released(&mut horizon, 400), [id(1)]);
    }

    #[test]
    fn a_failed_look_is_taken_again() {
        let mut horizon = Horizon::new();
        horizon.look(at(0)).unwrap();
        assert_eq!(horizon.look(at(0)), None);

        horizon.blink();

        assert!(horizon.look(at(0)).is_some());
    }

    #[test]
    fn a_backlog_is_worked_off_page_by_page_and_nothing_is_skipped() {
        let rows: Vec<_> = (1..=20_000).map(|n| row(n, -i64::try_from(n % 7).unwrap())).collect();
        let mut horizon = Horizon::new();
        let mut seen = std::collections::HashSet::new();

        for _ in 0..60 {
            while look(&mut horizon, 0, &rows) {}
            assert!(horizon.waiting.len() <= CAPACITY);
            for id in std::iter::from_fn(|| horizon.release(at(0))).map(|(id, _)| id).take(500) {
                assert!(seen.insert(id));
            }
        }

        assert_eq!(seen.len(), 20_000);
    }

    #[test]
    fn an_earlier_message_is_held_although_there_is_no_room() {
        let rows: Vec<_> = (1..=5_000).map(|n| row(n, 1000)).collect();
        let mut horizon = Horizon::new();
        while look(&mut horizon, 0, &rows) {}

        horizon.rewind(at(5));
        let mut rows = rows;
        rows.push(row(9_999, 5));
        look(&mut horizon, 1, &rows);

        assert!(horizon.waiting.len() <= CAPACITY);
        assert_eq!(released(&mut horizon, 5), [id(9_999)]);
        let mut count = 0;
        for _ in 0..20 {
            while look(&mut horizon, 1000, &rows) {}
            count += released(&mut horizon, 1000).len();
        }
        assert_eq!(count, 5_000, "what was forgotten is read again");
    }
}
