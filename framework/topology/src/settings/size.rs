//! Numbers of bytes with their unit: `"64MiB"`, `"500kB"`.

use std::{borrow::Cow, fmt};

use bytesize::ByteSize;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A number of bytes, written with its unit: `"64MiB"`, `"500kB"`.
///
/// ```
/// # use serde::Deserialize;
/// use squall_topology::settings::Size;
///
/// #[derive(Deserialize)]
/// struct Output { rotate_at: Size }
///
/// let output: Output = toml::from_str("rotate_at = '64MiB'")?;
/// assert_eq!(output.rotate_at.bytes(), 64 * 1024 * 1024);
/// assert!(toml::from_str::<Output>("rotate_at = 64").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Size {
    /// The number of bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ByteSize::b(self.0).fmt(f)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole bytes: the form for people rounds.
        serializer.collect_str(&format_args!("{}B", self.0))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

/// Reads a size of `MIN` bytes or more, for `#[serde(deserialize_with = "…")]`.
///
/// ```
/// # use serde::Deserialize;
/// use squall_topology::settings::{Size, size};
///
/// #[derive(Deserialize)]
/// struct Output {
///     #[serde(deserialize_with = "size::at_least::<_, 1024>")]
///     rotate_at: Size,
/// }
/// assert!(toml::from_str::<Output>("rotate_at = '1KiB'").is_ok());
/// assert!(toml::from_str::<Output>("rotate_at = '1kB'").is_err());
/// ```
///
/// # Errors
/// Anything else, with the bound in the message.
pub fn at_least<'de, D: Deserializer<'de>, const MIN: u64>(deserializer: D) -> Result<Size, D::Error> {
    let size = Size::deserialize(deserializer)?;
    if size.0 < MIN {
        let least = Size(MIN);
        return Err(D::Error::custom(format_args!("expected a size of at least {least}, found {size}")));
    }
    Ok(size)
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^[0-9]+(\\.[0-9]+)? *([bB]|[kKmMgGtTpPeE][iI]?[bB]?)$";
        json_schema!({ "type": "string", "pattern": pattern, "examples": ["64MiB", "500kB"] })
    }
}

struct Text;

impl Text {
    fn needs_unit<E: Error>(number: impl fmt::Display) -> E {
        E::custom(format_args!(
            "a size needs a unit: write \"{number}MiB\", \"{number}KiB\" or \"{number}B\" instead of {number}"
        ))
    }
}

impl Visitor<'_> for Text {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as \"64MiB\" or \"500kB\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
        if text.parse::<f64>().is_ok() {
            return Err(Self::needs_unit(text));
        }
        let size: ByteSize = text.parse().map_err(|why| {
            E::custom(format_args!("`{text}` is not a size: {why}; write for example \"64MiB\" or \"500kB\""))
        })?;
        Ok(Size(size.as_u64()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Size, E> {
        Err(Self::needs_unit(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Size, E> {
        Err(Self::needs_unit(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Size, E> {
        Err(Self::needs_unit(number))
    }
}
