//! Whole numbers within bounds, for `#[serde(deserialize_with = "…")]`.

use std::fmt;

use serde::{
    Deserializer,
    de::{Error, Visitor},
};

/// Reads a whole number from `MIN` to `MAX`.
///
/// ```
/// # use serde::Deserialize;
/// #[derive(Deserialize)]
/// struct Pool {
///     #[serde(deserialize_with = "squall_topology::settings::number::between::<_, 1, 64>")]
///     connections: usize,
/// }
/// assert!(toml::from_str::<Pool>("connections = 8").is_ok_and(|pool| pool.connections == 8));
/// assert!(toml::from_str::<Pool>("connections = 0").is_err());
/// ```
///
/// # Errors
/// Anything else, with the bounds in the message.
pub fn between<'de, D, const MIN: usize, const MAX: usize>(deserializer: D) -> Result<usize, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_u64(Between::<MIN, MAX>)
}

/// Reads an optional whole number from `MIN` to `MAX`; the field needs `#[serde(default)]`.
///
/// # Errors
/// Anything else, with the bounds in the message.
pub fn optional<'de, D, const MIN: usize, const MAX: usize>(
    deserializer: D,
) -> Result<Option<usize>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_option(Optional::<MIN, MAX>)
}

struct Between<const MIN: usize, const MAX: usize>;

impl<const MIN: usize, const MAX: usize> Between<MIN, MAX> {
    fn check<E: Error>(&self, number: Option<usize>, text: impl fmt::Display) -> Result<usize, E> {
        match number {
            Some(number) if (MIN..=MAX).contains(&number) => Ok(number),
            _ => Err(E::custom(format_args!("expected {}, found {text}", bounds(MIN, MAX)))),
        }
    }
}

fn bounds(min: usize, max: usize) -> String {
    if max == usize::MAX {
        format!("a whole number of at least {min}")
    } else {
        format!("a whole number from {min} to {max}")
    }
}

impl<const MIN: usize, const MAX: usize> Visitor<'_> for Between<MIN, MAX> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounds(MIN, MAX))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<usize, E> {
        self.check(usize::try_from(number).ok(), number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<usize, E> {
        self.check(usize::try_from(number).ok(), number)
    }
}

struct Optional<const MIN: usize, const MAX: usize>;

impl<'de, const MIN: usize, const MAX: usize> Visitor<'de> for Optional<MIN, MAX> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounds(MIN, MAX))
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        between::<D, MIN, MAX>(deserializer).map(Some)
    }
}
