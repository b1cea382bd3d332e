//! What is known of an account at a destination.

use std::time::{Duration, Instant};

use super::bucket::Bucket;
use super::meter::Meter;
use super::{Allowance, Lane};

/// What is known of an account at a destination.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) meter: Meter,
    bucket: Option<Bucket>,
    in_flight: u32,
    /// When the next of its late messages may go.
    next_late: Option<Instant>,
}

impl Account {
    pub(super) fn new(allowance: &Allowance, now: Instant) -> Self {
        let bucket = allowance.account_rate.and_then(|quota| Bucket::new(quota, now));
        Self { bucket, ..Self::default() }
    }

    /// Not before this instant.
    pub(super) fn earliest(&self, lane: Lane, is_spread: bool) -> Option<Instant> {
        self.meter.earliest(lane).max(self.next_late.filter(|_| is_spread))
    }

    pub(super) fn has_room(&self, allowance: &Allowance) -> bool {
        allowance.account_in_flight.is_none_or(|limit| self.in_flight < limit.max(1))
    }

    /// Takes what the configuration allows, or says when there is some.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        self.bucket.as_mut().map_or(Ok(()), |bucket| bucket.take(now))
    }

    pub(super) fn enter(&mut self, lane: Lane, spread: Option<Duration>, now: Instant) {
        self.meter.go(lane, now);
        self.in_flight += 1;
        self.next_late = spread.map(|every| now + every).max(self.next_late);
    }

    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.in_flight > 0
    }

    /// From when on nothing is lost if it is forgotten.
    pub(super) fn idle_from(&self) -> Option<Instant> {
        self.meter.idle_from().max(self.next_late).max(self.bucket.as_ref().map(Bucket::full_from))
    }
}
