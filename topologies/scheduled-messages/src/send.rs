//! The bolt: one message, one request, one outcome in its row.

use std::time::Duration;

use jiff::Timestamp;
use squall::{Bolt, Error, Output, Result, RetryPolicy};
use squall_connect::{http, sql};

use crate::destination::{Attempt, Clients, Destinations, Outcome, Scope, tid};
use crate::due::Due;
use crate::in_flight::InFlight;
use crate::message::Message;
use crate::store::{Begun, Settlement, Store};

/// How often an outcome is written at most: after that the attempt counts as cut off, and is made again.
const WRITES: u32 = 5;

/// The pause after an outcome could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends messages whose instant has come.
///
/// The row says `sending` before the request begins, and `sent` after a 2xx: a crash in between leaves an attempt of
/// which nobody knows how it ended, and it is made again with the same `Idempotency-Key`. Delivery is at least once.
#[derive(Debug)]
pub struct Send {
    store: Store,
    destinations: Destinations,
    retry: RetryPolicy,
    in_flight: InFlight,
    clients: Clients,
}

impl Send {
    /// Sends the messages of a store to its destinations.
    ///
    /// # Errors
    ///
    /// No HTTP client can be made.
    pub fn new(store: Store, destinations: Destinations, retry: RetryPolicy) -> Result<Self, http::Error> {
        let clients = Clients::new()?;
        Ok(Self { store, destinations, retry, in_flight: InFlight::default(), clients })
    }

    /// Makes no request for a message that another one with the same set has a request for.
    #[must_use]
    pub fn sharing(mut self, in_flight: &InFlight) -> Self {
        self.in_flight = in_flight.clone();
        self
    }

    /// Sends one message, unless somebody changed it since it was released.
    ///
    /// # Errors
    ///
    /// A request for it is under way. Its row could not be written. In both cases the row says what is to be done, a
    /// little later.
    pub async fn send(&self, due: Due) -> Result<()> {
        let Some(_flight) = self.in_flight.enter(due.id) else {
            return Err(Error::retryable("a request for this message is under way"));
        };
        let message = match self.store.begin(due.id, due.version, self.retry.attempts).await? {
            Begun::Send(message) => message,
            Begun::Dead => {
                tracing::warn!(id = %due.id, "A message is dead: its last attempt was cut off.");
                return Ok(());
            }
            Begun::Changed => return Ok(()),
        };
        let settlement = self.attempt(&message).await;
        note(&message, &settlement);
        if !self.settle(&message, settlement).await? {
            tracing::warn!(id = %message.id, "A message was changed while it was sent; the outcome of this attempt is void.");
        }
        Ok(())
    }

    async fn attempt(&self, message: &Message) -> Settlement {
        let outcome = match self.destinations.get(&message.destination) {
            Some(destination) => {
                let (key, rkey) = (message.id.to_string(), tid(message.due_at, message.id, 0));
                destination.deliver(attempt(message, &key, &rkey), &self.clients).await.outcome
            }
            // An operator who took it out of the configuration may put it back.
            None => Outcome::Busy {
                error: format!("no destination `{}` is configured", message.destination),
                after: None,
                scope: Scope::Destination,
            },
        };
        self.settlement(message, outcome)
    }

    fn settlement(&self, message: &Message, outcome: Outcome) -> Settlement {
        let now = Timestamp::now();
        match outcome {
            Outcome::Accepted { .. } => Settlement::Sent { at: now },
            Outcome::Refused { error } => Settlement::Dead { error },
            Outcome::Busy { error, after, .. } => self.again(message, error, after.unwrap_or_default()),
            Outcome::Unknown { error } => self.again(message, error, Duration::ZERO),
        }
    }

    fn again(&self, message: &Message, error: String, after: Duration) -> Settlement {
        let now = Timestamp::now();
        match self.retry.delay(message.attempts) {
            Some(delay) => Settlement::Retry { at: now.checked_add(delay.max(after)).unwrap_or(now), error },
            None => {
                Settlement::Dead { error: format!("{error}; that was attempt {} of {0}", message.attempts) }
            }
        }
    }

    /// Writes the outcome down, and does not give up at once: it is the only trace of a request that was made.
    async fn settle(&self, message: &Message, settlement: Settlement) -> Result<bool, sql::Error> {
        let mut writes = 1;
        loop {
            match self.store.settle(message.id, message.version, settlement.clone()).await {
                Err(error) if writes < WRITES => {
                    tracing::warn!(id = %message.id, %error, "An outcome could not be written; trying again.");
                    writes += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                result => return result,
            }
        }
    }
}

fn attempt<'a>(message: &'a Message, key: &'a str, rkey: &'a str) -> Attempt<'a> {
    Attempt {
        id: message.id,
        account: &message.account,
        text: &message.text,
        due_at: message.due_at,
        created_at: message.due_at,
        number: message.attempts,
        first_began_at: message.due_at,
        key,
        rkey,
        is_in_doubt: message.attempts > 1,
    }
}

fn note(message: &Message, settlement: &Settlement) {
    let Message { id, destination, .. } = message;
    match settlement {
        Settlement::Sent { .. } => {}
        Settlement::Retry { at, error } => {
            tracing::info!(%id, destination, error, %at, "An attempt failed; the next one is set.");
        }
        Settlement::Dead { error } => tracing::warn!(%id, destination, error, "A message is dead."),
    }
}

impl Bolt for Send {
    type In = Due;
    type Out = ();

    async fn execute(&mut self, due: Due, _out: &mut Output<()>) -> Result<()> {
        self.send(due).await
    }
}
