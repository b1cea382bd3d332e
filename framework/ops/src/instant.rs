//! How instants are written for programs: RFC 3339, in UTC, with milliseconds.

use std::time::SystemTime;

use serde::Serializer;

/// For `#[serde(serialize_with = "…")]`.
pub(crate) fn serialize<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_millis(*at))
}
