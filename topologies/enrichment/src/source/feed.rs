//! [`FeedSpout`]: emits the events of a feed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use squall::prelude::*;
use squall_connect::feed::Book;
use squall_connect::ndjson::Line;
use tracing::{error, warn};

use super::{keeper::Keeper, recent::Recent, tally::FeedTally};
use crate::EventId;

/// Events that one call emits: the task looks at its outcomes in between.
const BURST: usize = 256;

/// How often the cursor is looked for, among all that is under way.
const PAUSE: Duration = Duration::from_millis(50);

/// What comes over a feed, and what its cursor is.
pub trait Incoming: 'static {
    /// Where an event stands in the feed.
    type Position: 'static;

    /// The next one; cancel safe.
    ///
    /// # Errors
    ///
    /// What no further connection mends.
    fn next(&mut self, tally: &FeedTally) -> impl Future<Output = Result<Received<Self::Position>>>;

    /// These have left the book, and whatever came before them is done.
    fn left(&mut self, positions: Vec<Self::Position>);

    /// Where another process may go on, such that it gets whatever is not done.
    fn cursor(&self, book: &Book<Self::Position>) -> Option<String>;
}

/// What came over a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received<P> {
    /// An event.
    Event {
        /// What it says.
        json: String,
        /// Where it stands.
        position: P,
    },
    /// Something of no interest.
    PassedOver(P),
    /// Something longer than it may be.
    TooLong(P),
    /// Nothing comes any more.
    End,
}

/// Emits the events of a feed, each as a root of its own, whose number is that of its arrival.
///
/// Declare it with `.replay(policy)`: then an event that fails is emitted again, and one that fails for good becomes a
/// dead letter, whose reader's ack is the event's own. An event that fails for good without a reader of dead letters ends
/// the topology with an error that names it: the cursor stays before it, so that it comes again.
///
/// One task reads the feed; others end at once.
pub struct FeedSpout<F: Incoming> {
    /// None in a task that has nothing to read.
    reading: Option<Reading<F>>,
}

struct Reading<F: Incoming> {
    feed: F,
    keeper: Arc<Keeper>,
    number: u64,
    tally: Arc<FeedTally>,
    book: Book<F::Position>,
    recent: Recent,
    arrived: u64,
    looked: Instant,
    /// Why nothing is read any more.
    stopped: Option<String>,
    /// Nothing comes any more.
    is_over: bool,
}

impl<F: Incoming> FeedSpout<F> {
    /// A spout that reads what `open` makes of where it goes on.
    pub(super) fn new(
        keeper: &Arc<Keeper>,
        tally: &Arc<FeedTally>,
        open: impl FnOnce(Option<String>) -> Result<F>,
    ) -> Result<Self> {
        let (number, cursor) = keeper.begin();
        let feed = open(cursor)?;
        let mut reading = Reading {
            feed,
            keeper: Arc::clone(keeper),
            number,
            tally: Arc::clone(tally),
            book: Book::new(),
            recent: Recent::default(),
            arrived: 0,
            looked: Instant::now(),
            stopped: None,
            is_over: false,
        };
        // If nothing has been done when this process ends, the next one begins where this one did.
        reading.look();
        Ok(Self { reading: Some(reading) })
    }

    /// That of a task which has nothing to read.
    pub(super) fn idle() -> Self {
        Self { reading: None }
    }
}

/// What a root of a [`FeedSpout`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its number in the book.
    number: u64,
    /// Its number among those that were emitted.
    arrived: u64,
}

type Out = SpoutOutput<Emit<Line>, Ticket>;

impl<F: Incoming> Reading<F> {
    /// Takes what came; `true` if it was emitted.
    fn take(&mut self, received: Result<Received<F::Position>>, out: &mut Out) -> bool {
        let (json, position) = match received {
            Ok(Received::Event { json, position }) => (json, position),
            Ok(Received::End) => {
                self.is_over = true;
                return false;
            }
            Err(error) => {
                // It is returned by the next call: what this one has emitted stays.
                self.stopped.get_or_insert(error.to_string());
                return false;
            }
            Ok(Received::PassedOver(position)) => {
                FeedTally::add(&self.tally.passed_over);
                self.pass(position);
                return false;
            }
            Ok(Received::TooLong(position)) => {
                FeedTally::add(&self.tally.too_long);
                warn!("An event of the feed is longer than it may be: it is left out.");
                self.pass(position);
                return false;
            }
        };
        FeedTally::add(&self.tally.received);
        // What came before is under way or done: it is in the book, or has left it.
        if EventId::of(&json).is_some_and(|id| !self.recent.add(&id)) {
            FeedTally::add(&self.tally.repeated);
            self.pass(position);
            return false;
        }
        self.arrived += 1;
        let number = self.book.receive(position);
        out.track(Ticket { number, arrived: self.arrived }).emit(Line::new(self.arrived, json));
        true
    }

    /// What goes no further is done when whatever came before it is.
    fn pass(&mut self, position: F::Position) {
        let number = self.book.receive(position);
        self.ack(number);
    }

    fn ack(&mut self, number: u64) {
        let left = self.book.ack(number);
        if !left.is_empty() {
            self.feed.left(left);
        }
    }

    /// Looks where another process may go on.
    fn look(&mut self) {
        self.looked = Instant::now();
        if let Some(cursor) = self.feed.cursor(&self.book) {
            self.keeper.keep(self.number, cursor);
        }
    }
}

impl<F: Incoming> Spout for FeedSpout<F> {
    type Id = Ticket;
    type Out = Emit<Line>;

    async fn next(&mut self, out: &mut Out) -> Result<Next> {
        let Some(reading) = &mut self.reading else { return Ok(Next::End) };
        if let Some(why) = &reading.stopped {
            return Err(Error::permanent(why.as_str()));
        }
        if reading.is_over {
            return Ok(Next::End);
        }
        let received = reading.feed.next(&reading.tally).await;
        let mut is_emitted = reading.take(received, out);
        for _ in 1..BURST {
            if out.room() == 0 {
                break;
            }
            // What is there need not be waited for.
            let Some(received) = reading.feed.next(&reading.tally).now_or_never() else { break };
            is_emitted |= reading.take(received, out);
            if reading.stopped.is_some() || reading.is_over {
                break;
            }
        }
        if reading.looked.elapsed() >= PAUSE {
            reading.look();
        }
        Ok(if is_emitted { Next::Emitted } else { Next::Idle })
    }

    async fn ack(&mut self, ticket: Ticket) {
        let Some(reading) = &mut self.reading else { return };
        FeedTally::add(&reading.tally.done);
        reading.ack(ticket.number);
        if reading.looked.elapsed() >= PAUSE {
            reading.look();
        }
    }

    async fn failed(&mut self, ticket: Ticket, failure: Failure) {
        let Some(reading) = &mut self.reading else { return };
        if failure.reason == Reason::Shutdown {
            // It comes again at the next start.
            return;
        }
        let said = failure.cause.as_ref().map(|cause| format!(", {cause}")).unwrap_or_default();
        let why = format!(
            "event {} of the feed failed for good: {}{said}; nothing more is read, and it comes again at the next start",
            ticket.arrived, failure.reason
        );
        error!("{why}");
        reading.stopped.get_or_insert(why);
    }

    async fn deactivate(&mut self) {
        self.reading.iter_mut().for_each(Reading::look);
    }

    async fn close(&mut self) {
        self.reading.iter_mut().for_each(Reading::look);
    }
}

impl<F: Incoming> fmt::Debug for FeedSpout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedSpout").field("reads", &self.reading.is_some()).finish_non_exhaustive()
    }
}
