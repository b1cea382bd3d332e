//! What a destination is known to bear.

use std::time::Duration;

/// What a destination is known to bear, before it says so itself with [`RateHints`](super::RateHints).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests at the same time; if `None`, as for most others.
    pub concurrency: Option<u32>,
    /// Messages of one account; no limit if `None`.
    pub per_account: Option<Quota>,
}

/// So many messages in so long a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Messages.
    pub messages: u32,
    /// The window.
    pub window: Duration,
}
