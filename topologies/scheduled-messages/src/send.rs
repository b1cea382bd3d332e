//! The bolt: one message, one request, one outcome in its row.

mod verdict;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use squall::{ConcurrentBolt, Error, Output, Result, RetryPolicy};
use squall_connect::http;
use verdict::{Move, Verdict};

use crate::crash;
use crate::destination::{
    Attempt, Capability, Clients, Destination, Destinations, Outcome, Reconciled, Reply, Scope,
};
use crate::due::Due;
use crate::flow::Flow;
use crate::in_flight::InFlight;
use crate::message::Message;
use crate::store::{Begin, Begun, Settle, Settlement, Store};

/// The pause after a row could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends messages whose instant has come.
///
/// The row says `sending` before the request begins, and what came of it afterwards: a crash in between leaves an
/// attempt of which nobody knows how it ended. Whether another one is made then is for the destination's
/// [`Capability`](crate::Capability) to say.
#[derive(Debug)]
pub struct Send {
    store: Store,
    destinations: Destinations,
    retry: RetryPolicy,
    flow: Flow,
    in_flight: InFlight,
    clients: Clients,
}

impl Send {
    /// Sends the messages of a store to its destinations, and makes no request for a message that another task with the
    /// same set has a request for.
    ///
    /// # Errors
    ///
    /// No HTTP client can be made.
    pub fn new(
        store: Store,
        destinations: Destinations,
        retry: RetryPolicy,
        flow: Flow,
        in_flight: InFlight,
    ) -> Result<Self, http::Error> {
        Ok(Self { store, destinations, retry, flow, in_flight, clients: Clients::new()? })
    }

    /// Sends one message, unless somebody changed it since it was released.
    ///
    /// While the database is away it waits, and burns no attempt.
    ///
    /// # Errors
    ///
    /// A request for it is under way.
    pub async fn send(&self, due: Due) -> Result<()> {
        let Some(_flight) = self.in_flight.enter(due.id) else {
            return Err(Error::retryable("a request for this message is under way"));
        };
        let begin = Begin { id: due.id, fence: due.fence, version: due.version, attempt: due.attempt };
        let asked = Instant::now();
        let Begun::Send(mut message) = self.begin(begin.clone()).await else { return Ok(()) };
        // A process that was frozen in between may have been taken for dead, and its message for its heir's.
        if asked.elapsed() > self.store.lease() / 2 {
            let Begun::Send(still) = self.begin(begin).await else { return Ok(()) };
            message = still;
        }
        crash::point("begun");
        let verdict = match self.destinations.get(&message.destination) {
            _ if message.attempts > self.retry.attempts.max(1) => Verdict::out_of_attempts(&message),
            Some(destination) => self.attempt(&message, destination).await,
            // An operator who took it out of the configuration may put it back.
            None => Verdict::Replied(Reply::from(Outcome::Busy {
                error: format!("no destination `{}` is configured", message.destination),
                after: None,
                scope: Scope::Account,
            })),
        };
        crash::point("answered");
        let capability = self.destinations.get(&message.destination).map(Destination::capability);
        self.report(&message, &verdict, capability);
        let settlement = verdict.settlement(&message, capability, &self.retry, self.store.clock().now());
        note(&message, &settlement);
        self.settle(&message, settlement).await;
        crash::point("settled");
        Ok(())
    }

    async fn attempt(&self, message: &Message, destination: &dyn Destination) -> Verdict {
        let now = self.store.clock().now();
        let key = message.id.to_string();
        let attempt = Attempt {
            id: message.id,
            account: &message.account,
            text: &message.text,
            due_at: message.due_at,
            created_at: message.due_at,
            number: message.attempts,
            first_began_at: message.first_began_at.unwrap_or(now),
            key: &key,
            rkey: &message.rkey,
            is_in_doubt: message.in_doubt,
        };
        if verdict::next_move(message, destination.capability(), now) == Move::Reconcile {
            match destination.reconcile(attempt, &self.clients).await {
                Reconciled::Found { receipt } => {
                    return Verdict::Replied(Reply::from(Outcome::Accepted { receipt }));
                }
                Reconciled::Absent => {}
                Reconciled::Unable { error } => return Verdict::Unable(error),
            }
        }
        Verdict::Replied(destination.deliver(attempt, &self.clients).await)
    }

    fn report(&self, message: &Message, verdict: &Verdict, capability: Option<Capability>) {
        let reply = match verdict {
            Verdict::Replied(reply) => reply,
            // Nobody was asked: that says nothing of the destination.
            Verdict::Unable(_) if capability == Some(Capability::AtMostOnce) => return,
            // A look that told nothing: what it was asked for may be down.
            Verdict::Unable(error) => &Reply::from(Outcome::Unknown { error: error.clone() }),
            Verdict::OutOfAttempts(_) => return,
        };
        self.flow.report(&message.destination, &message.account, reply, Instant::now());
        if matches!(reply.outcome, Outcome::Accepted { .. }) {
            let lateness = self.store.clock().now().duration_since(message.due_at);
            self.flow.accepted(&message.destination, Duration::try_from(lateness).unwrap_or_default());
        }
    }

    /// Asks until it is known: a beginning that was written and not told would stay `sending` for nobody.
    async fn begin(&self, begin: Begin) -> Begun {
        loop {
            match self.store.begin(begin.clone()).await {
                Ok(begun) => return begun,
                Err(error) => {
                    tracing::debug!(id = %begin.id, %error, "An attempt could not begin; trying again.");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Writes the outcome down, and does not give up: it is the only trace of a request that was made.
    async fn settle(&self, message: &Message, settlement: Settlement) {
        let settle = Settle {
            id: message.id,
            fence: message.fence,
            attempt: message.attempts,
            began_at: message.began_at,
            ended_at: self.store.clock().now(),
            settlement,
        };
        loop {
            match self.store.settle(settle.clone()).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(
                        id = %message.id,
                        "The outcome of an attempt came too late: its message was taken over; the trail has it."
                    );
                    return;
                }
                Err(error) => {
                    tracing::debug!(id = %message.id, %error, "An outcome could not be written; trying again.");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

fn note(message: &Message, settlement: &Settlement) {
    let Message { id, destination, .. } = message;
    match settlement {
        Settlement::Sent { .. } => {}
        Settlement::Retry { at, error, .. } => {
            tracing::info!(%id, destination, error, %at, "An attempt failed; the next one is set.");
        }
        Settlement::Dead { error } => tracing::warn!(%id, destination, error, "A message is dead."),
        Settlement::Unconfirmed { error } => {
            tracing::warn!(%id, destination, error, "Nobody knows whether a message arrived: a person must look.");
        }
    }
}

impl ConcurrentBolt for Send {
    type In = Due;
    type Out = ();

    async fn execute(&self, due: Due, _out: &mut Output<()>) -> Result<()> {
        self.send(due).await
    }
}

/// When a message is to be tried again.
fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(now)
}
