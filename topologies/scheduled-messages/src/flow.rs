//! How much each destination gets at once.

use std::time::{Duration, Instant};

use crate::destination::Reply;

/// Which lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// First.
    First,
    /// Again.
    Again,
}

/// A slot.
#[derive(Debug)]
pub struct Permit;

/// Whether it may go.
#[derive(Debug)]
pub enum Admission<P = Permit> {
    /// Go.
    Go(P),
    /// Later.
    NotBefore(Instant),
    /// When one ends.
    WhenOneEnds,
}

/// Flow.
#[derive(Clone, Debug, Default)]
pub struct Flow;

impl Flow {
    /// Admit.
    pub fn admit(
        &self,
        _destination: &str,
        _account: &str,
        _lane: Lane,
        _spread: Option<Duration>,
        _now: Instant,
    ) -> Admission {
        Admission::Go(Permit)
    }
    /// Report.
    pub fn report(&self, _destination: &str, _account: &str, _reply: &Reply, _now: Instant) {}
    /// Accepted.
    pub fn accepted(&self, _destination: &str, _lateness: Duration) {}
}
