use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// The longest name that DNS knows, in bytes.
const MAX_LEN: usize = 253;

/// The name of a machine, without scheme and port, in lower case.
///
/// ```
/// use squall_topology::settings::HostName;
///
/// let name: HostName = "Squall.example.org".parse().unwrap();
/// assert_eq!(name.as_str(), "squall.example.org");
/// assert!("https://squall.example.org".parse::<HostName>().unwrap_err().contains("without scheme"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct HostName(String);

impl HostName {
    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostName {
    type Err = String;

    /// Reads a name; the error says what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if text.len() > MAX_LEN || !text.split('.').all(is_label) {
            return Err(format!(
                "`{text}` is not the name of a host; write it without scheme, port and path, such as \
                 \"squall.example.org\""
            ));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl<'de> Deserialize<'de> for HostName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for HostName {
    fn schema_name() -> Cow<'static, str> {
        "HostName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$",
            "maxLength": MAX_LEN,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_or_less_than_a_name_is_refused() {
        for wrong in
            ["", ".", "a.", "a..b", "a:80", "http://a", "a/b", "*.a", "a b", "ä", "a@b", "[::1]", "a,b"]
        {
            assert!(wrong.parse::<HostName>().is_err(), "{wrong}");
        }
        assert!("a".repeat(MAX_LEN + 1).parse::<HostName>().is_err());
        assert_eq!("A-1.b_2".parse::<HostName>().unwrap().as_str(), "a-1.b_2");
    }
}
