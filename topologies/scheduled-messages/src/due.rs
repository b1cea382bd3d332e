//! The spout: messages at their instants.

mod tend;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt, OptionFuture};
use serde::{Deserialize, Serialize};
use squall::{Emit, Failure, Next, Result, Spout, SpoutOutput};
use squall_connect::Fence;
use tend::{Ask, Found, SHARE, tend};

use crate::clock::until;
use crate::crash;
use crate::flow::{Flow, Lane, Permit};
use crate::horizon::Horizon;
use crate::in_flight::InFlight;
use crate::message::MessageId;
use crate::store::{Claimed, Store};

/// How long before its instant a message is claimed.
pub(crate) const LOOK_AHEAD: Duration = Duration::from_secs(2);

/// The pause between two looks when nothing happens: half of how far each looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// First sends that are held at most.
const CAPACITY: usize = 16 * 1024;

/// Of these, what is claimed by its instant alone; the rest is for accounts whose turn would not come.
const BY_INSTANT: usize = CAPACITY / 4 * 3;

/// Further attempts that are held at most.
const CAPACITY_AGAIN: usize = 1024;

/// How long a message rests whose root failed, and the spout after the rows could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a claim that failed may still be made: statements have their limits, and connections too.
const DOUBT: Duration = Duration::from_secs(15);

/// The pause between two looks while accounts get their turns.
const BETWEEN_TURNS: Duration = Duration::from_millis(50);

/// A message whose instant has come: the row has the rest, and is read when the sending begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Which message.
    pub id: MessageId,
    /// The number under which this process holds the row: if it has another by then, this tuple is void.
    pub fence: Fence,
    /// What the row said: if it says something else by then, this tuple is void.
    pub version: i64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// Releases messages at their instants.
///
/// It claims what is due within two seconds, keeps that in a timer, and looks at once when something earlier is stored
/// or has to be tried again. What a dead process held comes to it when that one's lease has run out. Any number of
/// processes may each run one; within a process one task is enough.
pub struct DueMessages {
    store: Store,
    flow: Flow,
    in_flight: InFlight,
    horizon: Horizon<Permit>,
    /// Kept here and not in `next`, which may be dropped at every await: a claim always comes to its end.
    looking: Option<BoxFuture<'static, Found>>,
    next_look: Instant,
    /// Since when every look succeeded: before that, others may have been cut off from the database as well.
    in_contact_since: Option<Instant>,
    /// The last look failed.
    has_failed: bool,
    /// Until then the rows are asked what this process holds: after a start, after something failed, and for as long as
    /// a claim may still be made that was taken for lost.
    is_unsure_until: Option<Instant>,
    /// When a look last succeeded.
    last_contact: Instant,
    /// Messages whose root failed, by when they are looked up again.
    lost: Vec<(Instant, MessageId)>,
    /// Where the accounts whose turn would not come are looked for.
    sweep: Option<String>,
}

impl DueMessages {
    /// Releases the messages of a store as `flow` permits.
    pub fn new(store: Store, flow: Flow, in_flight: InFlight) -> Self {
        Self {
            store,
            flow,
            in_flight,
            horizon: Horizon::new(),
            looking: None,
            next_look: Instant::now(),
            in_contact_since: None,
            has_failed: false,
            // A spout before this one may have held something.
            is_unsure_until: Some(Instant::now()),
            last_contact: Instant::now(),
            lost: Vec::new(),
            sweep: None,
        }
    }

    fn release(&mut self, out: &mut SpoutOutput<Emit<Due>, MessageId>) -> bool {
        let now = Instant::now();
        let time = self.store.clock().at(now);
        self.horizon.ripen(time);
        let mut has_released = false;
        for _ in 0..out.room() {
            let flow = &self.flow;
            let admit =
                |row: &Claimed, lane| flow.admit(&row.destination, &row.account, lane, row.spread, now);
            let next = self.horizon.release(now, time, admit);
            let Some(released) = next else { break };
            let due = Due {
                id: released.id,
                fence: released.fence,
                version: released.version,
                attempt: released.attempt,
            };
            out.track(due.id).emit(due);
            crash::point("release");
            has_released = true;
        }
        has_released
    }

    fn look(&mut self, now: Instant) {
        if self.looking.is_some() || now < self.next_look {
            return;
        }
        self.next_look = now + LOOK_EVERY;
        let first = self.horizon.waiting(Lane::First);
        let ask = Ask {
            full: [
                self.horizon.full(Lane::First, CAPACITY / 2),
                self.horizon.full(Lane::Again, CAPACITY_AGAIN / 2),
            ],
            first: BY_INSTANT.saturating_sub(first),
            first_in_turn: CAPACITY.saturating_sub(first),
            again: CAPACITY_AGAIN.saturating_sub(self.horizon.waiting(Lane::Again)),
            is_unsure: self.is_unsure_until.is_some(),
            lost: self.take_lost(now),
            takes_over: self.may_take_over(now),
            patience: self.store.lease() / 4,
            crowded: if self.sweep.is_some() { self.horizon.crowded(SHARE) } else { HashSet::new() },
            sweep: self.sweep.take(),
        };
        self.looking = Some(tend(self.store.clone(), ask).boxed());
    }

    /// Those whose rest is over, and of which no request is under way.
    fn take_lost(&mut self, now: Instant) -> Vec<MessageId> {
        let in_flight = &self.in_flight;
        let ready = |(at, id): &mut (Instant, MessageId)| *at <= now && !in_flight.has(*id);
        self.lost.extract_if(.., ready).map(|(_, id)| id).collect()
    }

    /// Whether an owner that is silent is dead. After the database was away it may only be slower to come back.
    fn may_take_over(&self, now: Instant) -> bool {
        let half = self.store.lease() / 2;
        let since = self.in_contact_since;
        !self.store.is_shared() || since.is_some_and(|since| now.saturating_duration_since(since) >= half)
    }

    fn learn(&mut self, found: Found) {
        self.looking = None;
        let now = Instant::now();
        for row in found.claimed {
            self.horizon.learn(row);
        }
        // What the rows call `sending` and nobody here sends was cut off: by a panic, or by the end of a topology.
        let in_flight = &self.in_flight;
        let is_cut_off = |id: &MessageId| !in_flight.has(*id);
        self.lost.extend(found.sending.into_iter().filter(is_cut_off).map(|id| (now, id)));
        self.lost.extend(found.lost.into_iter().map(|id| (now, id)));
        self.sweep = found.sweep;
        if let Some(error) = found.error {
            if !self.has_failed {
                tracing::warn!(%error, "The messages that are due cannot be read; trying again every second.");
            }
            self.has_failed = true;
            self.in_contact_since = None;
            self.is_unsure_until = Some(now + DOUBT);
            self.next_look = now + PAUSE;
            return;
        }
        if self.has_failed {
            tracing::info!("The messages that are due can be read again.");
        }
        self.has_failed = false;
        self.is_unsure_until = self.is_unsure_until.filter(|until| *until > now);
        // Whoever was frozen, or finds the clock set, gives the others time to be heard of; so does everybody after the
        // database stood still.
        let was_away = now.saturating_duration_since(self.last_contact) > self.store.lease() / 2;
        self.last_contact = now;
        if found.is_misleading || was_away {
            self.in_contact_since = Some(now);
        }
        self.in_contact_since.get_or_insert(now);
        if found.has_more && self.horizon.waiting(Lane::First) < BY_INSTANT / 2 {
            self.next_look = now;
        } else if self.sweep.as_ref().is_some_and(|place| !place.is_empty()) {
            // There are accounts that have not had their turn.
            self.next_look = now + BETWEEN_TURNS;
        }
    }

    /// How long there is nothing to do, unless something happens.
    fn pause(&self, now: Instant) -> Duration {
        let due = self.horizon.next_due().map(|at| until(self.store.clock().at(now), at));
        let rested = self.horizon.next_rested().map(|at| at.saturating_duration_since(now));
        let look = self.looking.is_none().then(|| self.next_look.saturating_duration_since(now));
        [due, rested, look].into_iter().flatten().min().unwrap_or(LOOK_EVERY).min(LOOK_EVERY)
    }

    /// Gives back what is not under way, so that another process may send it.
    async fn hand_back(&mut self) {
        if let Some(looking) = self.looking.take() {
            let found = looking.await;
            self.learn(found);
        }
        self.horizon.let_go();
        self.next_look = Instant::now();
        // Should it fail, the rows tell what is still held.
        self.is_unsure_until = Some(Instant::now());
        if let Err(error) = self.store.hand_back(None).await {
            tracing::warn!(%error, "What was claimed could not be handed back; it is free when the lease has run out, or the spout goes on.");
        }
    }
}

impl Spout for DueMessages {
    type Id = MessageId;
    type Out = Emit<Due>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Due>, MessageId>) -> Result<Next> {
        loop {
            if let Some(at) = self.store.wake().take()
                && until(self.store.clock().now(), at) <= LOOK_AHEAD
            {
                self.next_look = Instant::now();
            }
            let has_released = self.release(out);
            self.look(Instant::now());
            if has_released {
                return Ok(Next::Emitted);
            }
            let pause = self.pause(Instant::now());
            let found = tokio::select! {
                biased;
                Some(found) = OptionFuture::from(self.looking.as_mut()) => Some(found),
                () = self.store.wake().rung() => None,
                () = tokio::time::sleep(pause) => None,
            };
            if let Some(found) = found {
                self.learn(found);
            }
        }
    }

    async fn ack(&mut self, id: MessageId) {
        self.horizon.done(id);
        if self.horizon.waiting(Lane::First) < BY_INSTANT / 2 && self.sweep.is_some() {
            self.next_look = Instant::now();
        }
    }

    async fn failed(&mut self, id: MessageId, failure: Failure) {
        tracing::warn!(%id, reason = %failure.reason, "A message could not be worked on; its row says how far it came.");
        self.horizon.done(id);
        self.lost.push((Instant::now() + PAUSE, id));
    }

    async fn deactivate(&mut self) {
        self.hand_back().await;
    }

    async fn close(&mut self) {
        self.hand_back().await;
        // Should the topology begin anew in this process, the next renewal takes the lease out again.
        if let Err(error) = self.store.leave().await {
            tracing::debug!(%error, "The lease could not be given up; it runs out by itself.");
        }
    }
}

impl std::fmt::Debug for DueMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueMessages").field("horizon", &self.horizon).finish_non_exhaustive()
    }
}
