//! Leaving a destination alone that is down.

use std::time::{Duration, Instant};

use squall::RetryPolicy;

use super::BreakerState;
use super::overview::Wall;

/// So many failures in a row say that the destination is down, and not one message or one connection.
const FAILURES: u32 = 5;

/// How long it is left alone, by how often it was found down in a row.
const BACKOFF: RetryPolicy =
    RetryPolicy { attempts: u32::MAX, backoff: Duration::from_secs(1), max_backoff: Duration::from_secs(60) };

/// Leaves a destination alone that is down, and then tries it with one message.
///
/// What is open costs no message an attempt. Attempts that were under way when it opened may still report: an answer
/// closes it as good as that of the probe, and a failure says nothing new.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// How often it opened since the destination was last seen alive.
    openings: u32,
    /// The probe that is under way. A probe whose permit is held outlives the state that it was sent in: never are
    /// there two.
    probe: Option<u64>,
    /// Tells the probes apart.
    probes: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self { state: State::Closed { failures: 0 }, openings: 0, probe: None, probes: 0 }
    }

    /// Nothing passes before this instant.
    pub(super) fn opens_at(&self) -> Option<Instant> {
        match self.state {
            State::Open { until } => Some(until),
            State::Closed { .. } | State::HalfOpen => None,
        }
    }

    /// Whether a message may pass, once the instant has come.
    pub(super) fn has_room(&self) -> bool {
        matches!(self.state, State::Closed { .. }) || self.probe.is_none()
    }

    /// Lets a message pass; it is the probe if the breaker is not closed.
    pub(super) fn enter(&mut self) -> Option<u64> {
        if matches!(self.state, State::Closed { .. }) {
            return None;
        }
        self.state = State::HalfOpen;
        self.probes += 1;
        self.probe = Some(self.probes);
        self.probe
    }

    /// A message is no longer under way, whether or not it was heard of.
    pub(super) fn leave(&mut self, probe: Option<u64>) {
        if self.probe == probe {
            self.probe = None;
        }
    }

    /// The destination answered.
    pub(super) fn close(&mut self) {
        self.state = State::Closed { failures: 0 };
        self.openings = 0;
        self.probe = None;
    }

    /// The destination did not answer, or answered that it takes nothing.
    pub(super) fn fail(&mut self, now: Instant) {
        match &mut self.state {
            State::Closed { failures } if *failures + 1 < FAILURES => *failures += 1,
            State::Closed { .. } | State::HalfOpen => {
                self.openings = self.openings.saturating_add(1);
                let pause = BACKOFF.delay(self.openings).unwrap_or(BACKOFF.max_backoff);
                self.state = State::Open { until: now + pause };
            }
            State::Open { .. } => {}
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    pub(super) fn overview(&self, wall: Wall) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { until } => BreakerState::Open { until: wall.at(until) },
            State::HalfOpen => BreakerState::HalfOpen,
        }
    }
}
