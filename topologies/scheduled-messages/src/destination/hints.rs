//! What a destination says about its limits.

use std::time::Duration;

use super::Scope;

/// How much a destination would still take, as far as it said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHints {
    /// How many requests it takes in its window.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// When the window begins anew, counted from the answer.
    pub resets_in: Option<Duration>,
    /// How long it asked to be left alone (`Retry-After`), at most an hour.
    pub retry_after: Option<Duration>,
    /// Whom the limit counts for.
    pub scope: Scope,
}
