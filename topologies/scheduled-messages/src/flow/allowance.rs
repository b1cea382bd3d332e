//! What may be sent to a destination.

use crate::destination::{Limits, Quota};

/// What may be sent to a destination, before it says more itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Attempts at the same time; 64 by default, 0 is as good as 1.
    pub in_flight: u32,
    /// Attempts of one account at the same time; no limit of its own if `None`, 0 is as good as 1.
    pub account_in_flight: Option<u32>,
    /// Attempts of one account in a time: a bucket that holds so many, and is full again after that time.
    pub account_rate: Option<Quota>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { in_flight: 64, account_in_flight: None, account_rate: None }
    }
}

impl From<Limits> for Allowance {
    /// What a kind of destination is known to bear, and the default for the rest.
    fn from(limits: Limits) -> Self {
        let default = Self::default();
        Self {
            in_flight: limits.concurrency.unwrap_or(default.in_flight),
            account_rate: limits.per_account,
            ..default
        }
    }
}
