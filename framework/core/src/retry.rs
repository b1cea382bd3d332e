//! [`RetryPolicy`]: how often and how soon something is tried again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// How often and how soon something is tried again after a failure that may pass: a call, a replay, a request.
///
/// A failure that is [permanent](crate::Error::permanent) is never tried again, whatever the policy says: whoever
/// asks it for a [`delay`](Self::delay) has looked at that before.
///
/// ```
/// use std::time::Duration;
/// use squall_core::RetryPolicy;
///
/// let policy = RetryPolicy { attempts: 3, backoff: Duration::from_secs(2), ..RetryPolicy::default() };
///
/// let delay = policy.delay(2).unwrap();
/// assert!(delay > Duration::from_secs(2) && delay <= Duration::from_secs(4));
/// assert_eq!(policy.delay(3), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RetryPolicy {
    /// Attempts at most, the first included; 0 is as good as 1. 10 by default.
    pub attempts: u32,
    /// The pause after the first failure; it doubles after every further one. 1 s by default.
    pub backoff: Duration,
    /// The longest pause. 10 minutes by default.
    pub max_backoff: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 10, backoff: Duration::from_secs(1), max_backoff: Duration::from_secs(600) }
    }
}

impl RetryPolicy {
    /// Returns the pause after `failures` failed attempts, or `None` if there is no further one.
    ///
    /// It is the exact pause less up to half of it: whatever failed together does not come back together.
    #[must_use]
    pub fn delay(&self, failures: u32) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let exact = self.backoff.saturating_mul(doubled).min(self.max_backoff);
        // Keys of `RandomState` differ for every call: as much chance as a jitter needs.
        let jitter = RandomState::new().hash_one(failures) % 512;
        Some(exact - exact / 1024 * u32::try_from(jitter).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy { attempts: u32::MAX, ..RetryPolicy::default() };

        for (failures, exact) in [(1, 1), (2, 2), (5, 16), (10, 512), (11, 600), (4_000_000, 600)] {
            let exact = Duration::from_secs(exact);
            let delay = policy.delay(failures).unwrap();
            assert!(delay <= exact && delay >= exact / 2, "{failures}: {delay:?}");
        }
    }
}
