//! How many messages leave for a destination, and how fast.
//!
//! Before a message is sent, its way is asked for; after the attempt, what the destination said is reported:
//!
//! ```text
//!  spout ── admit ──► go (a permit) │ not before an instant │ when one ends
//!  bolt ─── report ──► rests, windows, breaker
//! ```
//!
//! | rule | file |
//! |---|---|
//! | each destination has its own slots: one that hangs holds no others up | `flow/slots.rs` |
//! | further attempts hold few of them: they delay no first one | `flow/slots.rs` |
//! | a destination that is down is left alone, then tried with one message | `flow/breaker.rs` |
//! | what a destination asks for is heeded: rests, and what is left until a reset | `flow/meter.rs`, `flow/window.rs` |
//! | the configuration has numbers for each destination | `flow/settings.rs` |
//! | what it allows an account is a token bucket | `flow/bucket.rs` |
//! | what is known of accounts is bounded | `flow/accounts.rs` |
//!
//! No clock and no timer: time comes in as an argument, of a clock that nobody can set.

mod account;
mod accounts;
mod allowance;
mod breaker;
mod bucket;
mod gate;
mod lateness;
mod meter;
mod overview;
mod permit;
#[cfg(test)]
mod random;
mod settings;
mod slots;
mod tally;
#[cfg(test)]
mod tests;
mod window;

pub use allowance::Allowance;
pub use lateness::Lateness;
pub use overview::{BreakerState, DestinationFlow};
pub use permit::Permit;
pub(crate) use settings::{LimitSettings, SECTION};
pub use tally::{Attempts, Tally};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::gate::Gate;
use self::tally::Gauges;
use crate::destination::{Reply, Scope};

/// How many messages leave for each destination, and how fast. A clone is a handle to the same.
///
/// Destinations that it does not know, which are all for the default, get everything at once.
///
/// ```
/// use std::time::{Duration, Instant};
/// use squall_scheduled_messages::{Admission, Allowance, Flow, Lane, Outcome, Scope, Tally};
///
/// let allowances = [("hook".to_owned(), Allowance { in_flight: 1, ..Allowance::default() })];
/// let flow = Flow::new(allowances, &Tally::new()?);
/// let now = Instant::now();
///
/// let Admission::Go(permit) = flow.admit("hook", "alice", Lane::First, None, now) else { panic!() };
/// assert!(matches!(flow.admit("hook", "bob", Lane::First, None, now), Admission::WhenOneEnds(_)));
///
/// let after = Some(Duration::from_secs(7));
/// let busy = Outcome::Busy { error: "429".to_owned(), after, scope: Scope::Destination };
/// flow.report("hook", "alice", &busy.into(), now);
/// drop(permit);
/// let Admission::NotBefore(at) = flow.admit("hook", "bob", Lane::First, None, now) else { panic!() };
/// assert_eq!(at, now + Duration::from_secs(7));
/// # Ok::<(), squall_ops::prometheus::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Flow {
    gates: Arc<BTreeMap<String, Arc<Gate>>>,
}

/// Whether an attempt is the first one for its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// It is.
    First,
    /// One was made before: it waits behind first ones.
    Again,
}

/// The answer to the question whether a message may be sent.
#[derive(Debug)]
#[must_use]
pub enum Admission<P = Permit> {
    /// It may, as long as the permit is held.
    Go(P),
    /// Not before this instant; then it is worth while to ask again.
    NotBefore(Instant),
    /// Too many are under way, of this account or to this destination: not before one of them ends.
    WhenOneEnds(Scope),
}

impl Flow {
    /// The flow to these destinations, each with what it allows, counting in `tally`.
    pub fn new(allowances: impl IntoIterator<Item = (String, Allowance)>, tally: &Tally) -> Self {
        let gate = |(name, allowance): (String, Allowance)| {
            let gate = Gate::new(allowance, tally.of(&name));
            (name, Arc::new(gate))
        };
        Self { gates: Arc::new(allowances.into_iter().map(gate).collect()) }
    }

    /// Asks whether a message of an account may be sent to a destination now.
    ///
    /// `spread` is for messages that are late: the account sends at most one of them in so long a time.
    pub fn admit(
        &self,
        destination: &str,
        account: &str,
        lane: Lane,
        spread: Option<Duration>,
        now: Instant,
    ) -> Admission {
        match self.gates.get(destination) {
            Some(gate) => gate.admit(account, lane, spread, now),
            None => Admission::Go(Permit::to_nowhere()),
        }
    }

    /// Takes in how an attempt ended, while its permit is still held.
    pub fn report(&self, destination: &str, account: &str, reply: &Reply, now: Instant) {
        if let Some(gate) = self.gates.get(destination) {
            gate.report(account, reply, now);
        }
    }

    /// Notes how long after its instant a message was accepted.
    pub fn accepted(&self, destination: &str, lateness: Duration) {
        if let Some(gate) = self.gates.get(destination) {
            gate.tally().lateness.record(lateness);
        }
    }

    /// What is to be seen of each destination, in alphabetical order. `now` and `wall` are the same instant.
    pub fn overview(&self, now: Instant, wall: Timestamp) -> Vec<DestinationFlow> {
        self.gates.iter().map(|(name, gate)| gate.overview(name, now, wall)).collect()
    }

    fn gauges(&self) -> impl Iterator<Item = (&str, Gauges)> {
        self.gates.iter().map(|(name, gate)| (name.as_str(), gate.gauges()))
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("destinations", &self.gates.keys()).finish()
    }
}
