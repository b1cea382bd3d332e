//! The setting `timeout` of a destination.

use std::time::Duration;

use serde::Deserializer;
use serde::de::Error;
use squall_topology::settings::duration;

/// All destinations share the senders: one that may take its time for ever would hold up the others.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) fn default() -> Duration {
    Duration::from_secs(10)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let timeout = duration::deserialize(deserializer)?;
    if timeout > LONGEST {
        return Err(D::Error::custom(format!(
            "expected a timeout of at most 60 s, found {}",
            humantime::format_duration(timeout)
        )));
    }
    Ok(timeout)
}
