//! Durations with their unit, for `#[serde(with = "…")]`: `"30s"`, `"10ms"`, `"1h 30m"`.
//!
//! ```
//! # use std::time::Duration;
//! # use serde::Deserialize;
//! #[derive(Deserialize)]
//! struct Poll {
//!     #[serde(with = "squall_topology::settings::duration")]
//!     every: Duration,
//! }
//! let poll: Poll = toml::from_str("every = '250ms'")?;
//! assert_eq!(poll.every, Duration::from_millis(250));
//! assert!(toml::from_str::<Poll>("every = 250").is_err());
//! # Ok::<(), toml::de::Error>(())
//! ```

use std::{borrow::Cow, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserializer, Serializer,
    de::{Error, Visitor},
};

/// The longest duration that is taken: 100 years. It keeps every instant plus a duration within range.
pub const MAX: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Reads a duration longer than zero and at most [`MAX`].
///
/// # Errors
/// A number without unit, an unknown unit, zero, or more than [`MAX`]; the message says what to write.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Text)
}

/// Writes a duration in the form that [`deserialize`] reads.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

/// The same for `Option<Duration>`; the field needs `#[serde(default)]`.
pub mod optional {
    use super::{Deserializer, Duration, Error, Serializer, Visitor, fmt};

    /// Reads an optional duration.
    ///
    /// # Errors
    /// As [`super::deserialize`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        deserializer.deserialize_option(Optional)
    }

    /// Writes an optional duration.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    struct Optional;

    impl<'de> Visitor<'de> for Optional {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Visitor::expecting(&super::Text, f)
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            super::deserialize(deserializer).map(Some)
        }
    }
}

/// A duration as a configuration writes it, for `#[schemars(with = "duration::Text")]`.
#[derive(Clone, Copy, Debug)]
pub struct Text;

/// What [`deserialize`] takes, as far as a pattern can tell.
const PATTERN: &str = "^ *([0-9]+ *(nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds?|secs?|s|minutes?|mins?|m|\
                       hours?|hrs?|h|days?|d|weeks?|wks?|wk|w|months?|M|years?|yrs?|yr|y) *)+$";

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN, "examples": ["30s", "10ms", "1h 30m"] })
    }
}

impl Text {
    fn needs_unit<E: Error>(number: impl fmt::Display) -> E {
        E::custom(format_args!(
            "a duration needs a unit: write \"{number}s\", \"{number}ms\" or \"{number}m\" instead of {number}"
        ))
    }
}

impl Visitor<'_> for Text {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"30s\" or \"10ms\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        if text.parse::<f64>().is_ok() {
            return Err(Self::needs_unit(text));
        }
        let duration = humantime::parse_duration(text).map_err(|why| {
            E::custom(format_args!(
                "`{text}` is not a duration: {why}; write for example \"30s\", \"10ms\" or \"1h 30m\""
            ))
        })?;
        if duration.is_zero() {
            return Err(E::custom(format_args!("expected a duration longer than zero, found `{text}`")));
        }
        if duration > MAX {
            return Err(E::custom(format_args!("expected a duration of at most 100 years, found `{text}`")));
        }
        Ok(duration)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Duration, E> {
        Err(Self::needs_unit(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Duration, E> {
        Err(Self::needs_unit(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Duration, E> {
        Err(Self::needs_unit(number))
    }
}
