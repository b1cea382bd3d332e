//! The way to one destination.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::account::Account;
use super::accounts::Accounts;
use super::breaker::Breaker;
use super::meter::Meter;
use super::overview::{DestinationFlow, Wall};
use super::permit::Slot;
use super::slots::Slots;
use super::tally::{DestinationTally, Gauges};
use super::window::Window;
use super::{Admission, Allowance, Lane, Permit};
use crate::destination::{Outcome, Reply, Scope};

/// The way to one destination.
#[derive(Debug)]
pub(super) struct Gate {
    allowance: Allowance,
    tally: DestinationTally,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    slots: Slots,
    breaker: Breaker,
    meter: Meter,
    accounts: Accounts,
}

/// Why a message may not go.
enum Wait {
    Until(Instant),
    ForOne(Scope),
}

impl Gate {
    pub(super) fn new(allowance: Allowance, tally: DestinationTally) -> Self {
        let state = State {
            slots: Slots::new(allowance.in_flight),
            breaker: Breaker::new(),
            meter: Meter::default(),
            accounts: Accounts::new(),
        };
        Self { allowance, tally, state: Mutex::new(state) }
    }

    pub(super) fn admit(
        self: &Arc<Self>,
        account: &str,
        lane: Lane,
        spread: Option<Duration>,
        now: Instant,
    ) -> Admission {
        let admitted = self.state().admit(&self.allowance, account, lane, spread, now);
        match admitted {
            Ok(slot) => Admission::Go(Permit::new(Arc::clone(self), slot)),
            Err(Wait::Until(at)) => Admission::NotBefore(at),
            Err(Wait::ForOne(of)) => Admission::WhenOneEnds(of),
        }
    }

    pub(super) fn leave(&self, slot: &Slot) {
        self.state().leave(slot);
    }

    pub(super) fn report(&self, account: &str, reply: &Reply, now: Instant) {
        self.tally.count(&reply.outcome);
        self.state().report(&self.allowance, account, reply, now);
    }

    pub(super) fn tally(&self) -> &DestinationTally {
        &self.tally
    }

    pub(super) fn gauges(&self) -> Gauges {
        let state = self.state();
        Gauges { in_flight: state.slots.taken(), is_open: !state.breaker.is_closed() }
    }

    pub(super) fn overview(&self, name: &str, now: Instant, wall: Timestamp) -> DestinationFlow {
        let wall = Wall { now, wall };
        let state = self.state();
        DestinationFlow {
            name: name.to_owned(),
            in_flight: state.slots.taken(),
            again_in_flight: state.slots.taken_again(),
            limit: state.slots.limit(),
            breaker: state.breaker.overview(wall),
            resting_until: state.meter.rests_until(now).map(|at| wall.at(at)),
            accounts: state.accounts.len(),
            resting_accounts: state.accounts.resting(now),
            attempts: self.tally.attempts(),
            lateness: self.tally.lateness.overview(),
        }
    }

    /// Nothing in here stops half-way: what a panic of somebody else's left is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(
        &mut self,
        allowance: &Allowance,
        name: &str,
        lane: Lane,
        spread: Option<Duration>,
        now: Instant,
    ) -> Result<Slot, Wait> {
        let Self { slots, breaker, meter, accounts } = self;
        let counts = allowance.account_in_flight.is_some() || allowance.account_rate.is_some();
        let mut account = if counts || spread.is_some() {
            Some(accounts.get_or(name, now, || Account::new(allowance, now)))
        } else {
            accounts.get(name)
        };
        let here = meter.earliest(lane);
        let own = account.as_ref().and_then(|account| account.earliest(lane, spread.is_some()));
        if let Some(at) = breaker.opens_at().max(here).max(own).filter(|at| *at > now) {
            if here > Some(now) {
                meter.wait(lane, at);
            }
            if let Some(account) = account.filter(|_| own > Some(now)) {
                account.meter.wait(lane, at);
            }
            return Err(Wait::Until(at));
        }
        if !slots.has_room(lane) || !breaker.has_room() {
            return Err(Wait::ForOne(Scope::Destination));
        }
        if account.as_ref().is_some_and(|account| !account.has_room(allowance)) {
            return Err(Wait::ForOne(Scope::Account));
        }
        // The last question, because the answer costs a token.
        if let Some(account) = &mut account {
            account.take(now).map_err(|at| {
                account.meter.wait(lane, at);
                Wait::Until(at)
            })?;
            account.enter(lane, spread, now);
        }
        slots.take(lane);
        meter.go(lane, now);
        let probe = breaker.enter();
        Ok(Slot { lane, account: accounts.name(name), probe })
    }

    fn leave(&mut self, slot: &Slot) {
        self.slots.give_back(slot.lane);
        if slot.probe.is_some() {
            self.breaker.leave(slot.probe);
        }
        if let Some(account) = slot.account.as_deref().and_then(|name| self.accounts.get(name)) {
            account.leave();
        }
    }

    fn report(&mut self, allowance: &Allowance, account: &str, reply: &Reply, now: Instant) {
        let hints = reply.hints;
        if let (Some(left), Some(resets_in)) = (hints.remaining, hints.resets_in) {
            let window = Window::new(left, hints.limit, now, now + resets_in);
            self.meter(allowance, account, hints.scope, now).learn(window, now);
        }
        if let Some(after) = hints.retry_after {
            let scope = if let Outcome::Busy { scope, .. } = reply.outcome { scope } else { hints.scope };
            self.meter(allowance, account, scope, now).rest(now + after);
        }
        match reply.outcome {
            // A destination that takes nothing of anybody is as good as down.
            Outcome::Busy { scope: Scope::Destination, after, .. } => {
                self.meter.rest(now + after.unwrap_or_default());
                self.breaker.fail(now);
            }
            Outcome::Unknown { .. } => self.breaker.fail(now),
            Outcome::Busy { scope: Scope::Account, after, .. } => {
                if let Some(after) = after {
                    self.meter(allowance, account, Scope::Account, now).rest(now + after);
                }
                self.breaker.close();
            }
            // A refusal is an answer too.
            Outcome::Accepted { .. } | Outcome::Refused { .. } => self.breaker.close(),
        }
    }

    fn meter(&mut self, allowance: &Allowance, account: &str, scope: Scope, now: Instant) -> &mut Meter {
        match scope {
            Scope::Destination => &mut self.meter,
            Scope::Account => &mut self.accounts.get_or(account, now, || Account::new(allowance, now)).meter,
        }
    }
}
