//! A [`RetryPolicy`] in a configuration, for `#[serde(with = "…")]`: `{ attempts = 5, backoff = "1s", max_backoff = "10m" }`.
//!
//! What is left out is as in [`RetryPolicy::default`].
//!
//! ```
//! # use std::time::Duration;
//! # use serde::Deserialize;
//! use squall_topology::settings::{RetryPolicy, retry};
//!
//! #[derive(Deserialize)]
//! struct Hook {
//!     #[serde(default, with = "retry")]
//!     retry: RetryPolicy,
//! }
//! let hook: Hook = toml::from_str("retry = { attempts = 3, backoff = '250ms' }")?;
//! assert_eq!(hook.retry.attempts, 3);
//! assert_eq!(hook.retry.backoff, Duration::from_millis(250));
//! assert_eq!(hook.retry.max_backoff, RetryPolicy::default().max_backoff);
//! assert!(toml::from_str::<Hook>("retry = { attempts = 0 }").is_err());
//! # Ok::<(), toml::de::Error>(())
//! ```

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use squall_core::RetryPolicy;

use super::{duration, number};

/// Reads a policy.
///
/// # Errors
/// An unknown key, an attempt count of zero, a duration without unit; the message says what to write.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RetryPolicy, D::Error> {
    Keys::deserialize(deserializer).map(RetryPolicy::from)
}

/// Writes a policy in the form that [`deserialize`] reads.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(policy: &RetryPolicy, serializer: S) -> Result<S::Ok, S::Error> {
    Keys::from(*policy).serialize(serializer)
}

/// The same for `Option<RetryPolicy>`; the field needs `#[serde(default)]`.
pub mod optional {
    use super::{Deserialize, Deserializer, Keys, RetryPolicy, Serialize, Serializer};

    /// Reads an optional policy.
    ///
    /// # Errors
    /// As [`super::deserialize`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RetryPolicy>, D::Error> {
        Ok(Option::<Keys>::deserialize(deserializer)?.map(RetryPolicy::from))
    }

    /// Writes an optional policy.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(policy: &Option<RetryPolicy>, serializer: S) -> Result<S::Ok, S::Error> {
        policy.map(Keys::from).serialize(serializer)
    }
}

/// The keys of a policy, for `#[schemars(with = "retry::Keys")]`: the type itself lives where nothing reads
/// configurations.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Attempts at most, the first included; 10.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "attempts")]
    attempts: u32,
    /// The pause after the first failure; it doubles after every further one; 1 second.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    backoff: Duration,
    /// The longest pause; 10 minutes.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    max_backoff: Duration,
}

impl Default for Keys {
    fn default() -> Self {
        RetryPolicy::default().into()
    }
}

impl From<RetryPolicy> for Keys {
    fn from(policy: RetryPolicy) -> Self {
        let RetryPolicy { attempts, backoff, max_backoff } = policy;
        Self { attempts, backoff, max_backoff }
    }
}

impl From<Keys> for RetryPolicy {
    fn from(keys: Keys) -> Self {
        let Keys { attempts, backoff, max_backoff } = keys;
        Self { attempts, backoff, max_backoff }
    }
}

fn attempts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let attempts = number::between::<_, 1, { u32::MAX as usize }>(deserializer)?;
    Ok(u32::try_from(attempts).unwrap_or(u32::MAX))
}
