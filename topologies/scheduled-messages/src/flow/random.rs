//! What holds whatever happens, in any order.

use std::collections::VecDeque;

use fastrand::Rng;

use super::*;
use crate::destination::{Outcome, Quota, RateHints, Scope};

const STEPS: u32 = 2_000;
const NAMES: [&str; 2] = ["a", "b"];
const ACCOUNTS: [&str; 3] = ["alice", "bob", "carol"];

/// A permit that somebody holds, and what it is for.
struct Held {
    destination: usize,
    account: usize,
    lane: Lane,
    /// It went while the breaker was not closed.
    is_probe: bool,
    _permit: Permit,
}

struct World {
    rng: Rng,
    flow: Flow,
    allowance: Allowance,
    now: Instant,
    held: Vec<Held>,
    /// When messages of the accounts went, as long as that counts.
    gone: [[VecDeque<Instant>; ACCOUNTS.len()]; NAMES.len()],
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut some = |most: u32| rng.bool().then(|| rng.u32(1..=most));
        let (account_in_flight, messages) = (some(4), some(5));
        let allowance = Allowance {
            in_flight: rng.u32(1..=9),
            account_in_flight,
            account_rate: messages.map(|messages| Quota { messages, window: Duration::from_secs(10) }),
        };
        let flow = Flow::new(NAMES.map(|name| (name.to_owned(), allowance)), &Tally::new().unwrap());
        Self { rng, flow, allowance, now: Instant::now(), held: Vec::new(), gone: Default::default() }
    }

    fn step(&mut self) {
        match self.rng.u32(0..10) {
            0..=5 => self.ask(),
            6..=7 => self.end(),
            8 => {
                let (destination, account) = (self.destination(), self.account());
                self.report(destination, account);
            }
            _ => self.now += Duration::from_millis(self.rng.u64(0..3000)),
        }
        self.look();
    }

    fn destination(&mut self) -> usize {
        self.rng.usize(..NAMES.len())
    }

    fn account(&mut self) -> usize {
        self.rng.usize(..ACCOUNTS.len())
    }

    fn ask(&mut self) {
        let (destination, account) = (self.destination(), self.account());
        let lane = if self.rng.bool() { Lane::First } else { Lane::Again };
        let spread = (self.rng.u32(0..4) == 0).then(|| Duration::from_secs(self.rng.u64(1..20)));
        let ask = |now| self.flow.admit(NAMES[destination], ACCOUNTS[account], lane, spread, now);
        let mut admission = ask(self.now);
        // Nobody else asks meanwhile: it comes to an end at the latest when everything that was said is over.
        let mut waits = 0;
        while let Admission::NotBefore(at) = admission {
            assert!(at > self.now, "an instant that has come is no answer");
            waits += 1;
            assert!(waits <= 2, "first what the destination says, then the token");
            if waits == 1 && self.rng.bool() {
                return;
            }
            self.now = at;
            admission = ask(self.now);
        }
        match admission {
            Admission::Go(permit) => self.go(destination, account, lane, permit),
            _ => self.assert_is_full(destination, account, lane),
        }
    }

    fn go(&mut self, destination: usize, account: usize, lane: Lane, permit: Permit) {
        let is_probe = self.breaker(destination) == BreakerState::HalfOpen;
        self.held.push(Held { destination, account, lane, is_probe, _permit: permit });
        self.gone[destination][account].push_back(self.now);
    }

    /// Nobody is told to wait for others without a reason.
    fn assert_is_full(&mut self, destination: usize, account: usize, lane: Lane) {
        let here = || self.held.iter().filter(move |held| held.destination == destination);
        let limit = u32::try_from(here().count()).unwrap();
        let again = here().filter(|held| held.lane == Lane::Again).count();
        let own = here().filter(|held| held.account == account).count();
        let reserve = u32::from(lane == Lane::Again && self.allowance.in_flight > 1);
        assert!(
            limit + reserve >= self.allowance.in_flight
                || (lane == Lane::Again && again as u32 >= (self.allowance.in_flight / 4).max(1))
                || self.allowance.account_in_flight.is_some_and(|limit| own as u32 >= limit)
                || here().any(|held| held.is_probe),
            "there was room"
        );
    }

    /// An attempt ends: reported and then dropped, or lost.
    fn end(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let held = self.held.swap_remove(self.rng.usize(..self.held.len()));
        if self.rng.u32(0..4) > 0 {
            self.report(held.destination, held.account);
        }
    }

    fn report(&mut self, destination: usize, account: usize) {
        let scope = if self.rng.bool() { Scope::Account } else { Scope::Destination };
        let error = String::new();
        let after = self.rng.bool().then(|| Duration::from_millis(self.rng.u64(0..5000)));
        let outcome = match self.rng.u32(0..6) {
            0 => Outcome::Accepted { receipt: None },
            1 => Outcome::Refused { error },
            2 | 3 => Outcome::Busy { error, after, scope },
            _ => Outcome::Unknown { error },
        };
        let hints = RateHints {
            limit: self.rng.bool().then_some(50),
            remaining: self.rng.bool().then(|| self.rng.u64(0..40)),
            resets_in: self.rng.bool().then(|| Duration::from_secs(self.rng.u64(0..20))),
            retry_after: None,
            scope,
        };
        let reply = Reply { outcome, hints };
        self.flow.report(NAMES[destination], ACCOUNTS[account], &reply, self.now);
    }

    fn breaker(&self, destination: usize) -> BreakerState {
        self.flow.overview(self.now, Timestamp::UNIX_EPOCH).swap_remove(destination).breaker
    }

    fn look(&mut self) {
        let seen = self.flow.overview(self.now, Timestamp::UNIX_EPOCH);
        for (destination, seen) in seen.iter().enumerate() {
            let here: Vec<_> = self.held.iter().filter(|held| held.destination == destination).collect();
            let again = here.iter().filter(|held| held.lane == Lane::Again).count() as u32;
            assert_eq!((seen.in_flight, seen.again_in_flight), (here.len() as u32, again));
            assert!(seen.in_flight <= self.allowance.in_flight);
            assert!(again <= (self.allowance.in_flight / 4).max(1), "further attempts hold a quarter");
            for account in 0..ACCOUNTS.len() {
                let own = here.iter().filter(|held| held.account == account).count() as u32;
                assert!(self.allowance.account_in_flight.is_none_or(|limit| own <= limit));
            }
            if seen.breaker != BreakerState::Closed {
                assert!(here.iter().filter(|held| held.is_probe).count() <= 1, "one probe at a time");
            } else {
                self.held.iter_mut().filter(|held| held.destination == destination).for_each(|held| {
                    // It is an attempt like any other now.
                    held.is_probe = false;
                });
            }
        }
        self.assert_rates();
    }

    /// In any window go no more than a full bucket and what flows into it meanwhile.
    fn assert_rates(&mut self) {
        let Some(Quota { messages, window }) = self.allowance.account_rate else { return };
        for gone in self.gone.iter_mut().flatten() {
            while gone.front().is_some_and(|at| self.now.duration_since(*at) >= window) {
                gone.pop_front();
            }
            assert!(gone.len() as u32 <= 2 * messages, "{} in a window for {messages}", gone.len());
        }
    }
}

#[test]
fn no_order_of_events_breaks_a_limit_or_forgets_a_message() {
    let first = fastrand::u64(..);
    for seed in (0..40).map(|n| first.wrapping_add(n)) {
        println!("seed {seed}");
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        // Everything ends, and a day later everything may go.
        world.held.clear();
        world.now += Duration::from_secs(24 * 3600);
        for (name, account) in NAMES.iter().flat_map(|name| ACCOUNTS.map(|account| (*name, account))) {
            let admission = world.flow.admit(name, account, Lane::Again, None, world.now);
            assert!(matches!(admission, Admission::Go(_)), "{name}, {account}: {admission:?}");
        }
    }
}
