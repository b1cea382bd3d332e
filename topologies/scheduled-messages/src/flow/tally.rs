//! What is counted of the attempts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::prometheus::core::{Collector, Desc};
use squall_ops::prometheus::proto::MetricFamily;
use squall_ops::prometheus::{self, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, opts};

use super::Flow;
use super::lateness::{self, LatenessTally};
use crate::destination::Outcome;

/// What is counted of the attempts at all destinations. A clone is a handle to the same counters.
///
/// It is older than a [`Flow`](super::Flow): when the topology is made anew, its counters go on.
#[derive(Clone, Debug)]
pub struct Tally {
    attempts: IntCounterVec,
    lateness: HistogramVec,
    in_flight: IntGaugeVec,
    breaker_open: IntGaugeVec,
    /// Empty: the histograms of destinations are clones of it.
    fine: hdrhistogram::Histogram<u64>,
    by_destination: Arc<Mutex<BTreeMap<String, DestinationTally>>>,
}

/// How attempts ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Attempts {
    /// The destination has the message.
    pub accepted: u64,
    /// It will never take the message.
    pub refused: u64,
    /// It did not take it this time.
    pub busy: u64,
    /// Nobody knows.
    pub unknown: u64,
}

/// What is counted of one destination.
#[derive(Clone, Debug)]
pub(super) struct DestinationTally {
    accepted: IntCounter,
    refused: IntCounter,
    busy: IntCounter,
    unknown: IntCounter,
    pub(super) lateness: LatenessTally,
}

/// What is so at the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauges {
    pub(super) in_flight: u32,
    pub(super) is_open: bool,
}

impl Tally {
    /// Counts from zero.
    ///
    /// # Errors
    ///
    /// None that could be caused from outside: a metric has a name that none may have.
    pub fn new() -> Result<Self, prometheus::Error> {
        let gauge = |name: &str, help: &str| IntGaugeVec::new(opts!(name, help), &["destination"]);
        Ok(Self {
            attempts: IntCounterVec::new(
                opts!("squall_messages_attempts_total", "Attempts to send messages, by how they ended."),
                &["destination", "outcome"],
            )?,
            lateness: lateness::histograms()?,
            in_flight: gauge(
                "squall_destination_in_flight",
                "Attempts to send messages that are under way.",
            )?,
            breaker_open: gauge(
                "squall_destination_breaker_open",
                "Whether the destination is left alone because it is down.",
            )?,
            fine: LatenessTally::fine().map_err(|error| prometheus::Error::Msg(error.to_string()))?,
            by_destination: Arc::default(),
        })
    }

    /// What is counted, and what is so in this flow, for `/metrics`.
    pub fn collector(&self, flow: &Flow) -> impl Collector + use<> {
        Seen { tally: self.clone(), flow: flow.clone() }
    }

    pub(super) fn of(&self, destination: &str) -> DestinationTally {
        let mut by_destination = self.by_destination.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let count = |outcome| self.attempts.with_label_values(&[destination, outcome]);
            let buckets = self.lateness.with_label_values(&[destination]);
            DestinationTally {
                accepted: count("accepted"),
                refused: count("refused"),
                busy: count("busy"),
                unknown: count("unknown"),
                lateness: LatenessTally::new(buckets, self.fine.clone()),
            }
        };
        by_destination.entry(destination.to_owned()).or_insert_with(new).clone()
    }
}

/// The counters, and the flow that they are of.
struct Seen {
    tally: Tally,
    flow: Flow,
}

impl Collector for Seen {
    fn desc(&self) -> Vec<&Desc> {
        let Tally { attempts, lateness, in_flight, breaker_open, .. } = &self.tally;
        [attempts.desc(), lateness.desc(), in_flight.desc(), breaker_open.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Tally { attempts, lateness, in_flight, breaker_open, .. } = &self.tally;
        // A destination that was taken out of the configuration has none.
        in_flight.reset();
        breaker_open.reset();
        for (name, now) in self.flow.gauges() {
            in_flight.with_label_values(&[name]).set(now.in_flight.into());
            breaker_open.with_label_values(&[name]).set(now.is_open.into());
        }
        [attempts.collect(), lateness.collect(), in_flight.collect(), breaker_open.collect()].concat()
    }
}

impl DestinationTally {
    pub(super) fn count(&self, outcome: &Outcome) {
        let counter = match outcome {
            Outcome::Accepted { .. } => &self.accepted,
            Outcome::Refused { .. } => &self.refused,
            Outcome::Busy { .. } => &self.busy,
            Outcome::Unknown { .. } => &self.unknown,
        };
        counter.inc();
    }

    pub(super) fn attempts(&self) -> Attempts {
        Attempts {
            accepted: self.accepted.get(),
            refused: self.refused.get(),
            busy: self.busy.get(),
            unknown: self.unknown.get(),
        }
    }
}
