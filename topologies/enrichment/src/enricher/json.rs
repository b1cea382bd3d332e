//! A value that goes into an event as it is.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::Text;

/// A value of JSON, written once and cheap to clone: what a cache gives out costs no second writing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Text);

impl Json {
    /// Writes a value.
    ///
    /// # Errors
    ///
    /// Its `Serialize` fails, or it is a map whose keys are no strings.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::to_string(value)?.into()))
    }

    /// A text that is known to be a value of JSON.
    pub(crate) fn raw(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Writes a text as a string of JSON.
    pub(crate) fn push_string(out: &mut String, text: &str) {
        out.push('"');
        for char in text.chars() {
            match char {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                // Writing to a string cannot fail.
                '\0'..='\u{1f}' => write!(out, "\\u{:04x}", u32::from(char)).unwrap_or_default(),
                char => out.push(char),
            }
        }
        out.push('"');
    }

    /// All elements of these arrays as one. One array is itself, without a copy.
    pub(crate) fn joined(arrays: &[Self]) -> Self {
        if let [only] = arrays {
            return only.clone();
        }
        let mut all = String::with_capacity(arrays.iter().map(|array| array.0.len()).sum::<usize>() + 2);
        all.push('[');
        for array in arrays {
            let elements =
                array.0.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
            if all.len() > 1 && !elements.is_empty() {
                all.push(',');
            }
            all.push_str(elements);
        }
        all.push(']');
        Self(all.into())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_become_one() {
        let array = |text: &str| Json::raw(text);

        assert_eq!(Json::joined(&[array("[1]")]).as_str(), "[1]");
        assert_eq!(Json::joined(&[array("[1]"), array("[]"), array("[2,3]")]).as_str(), "[1,2,3]");
        assert_eq!(Json::joined(&[]).as_str(), "[]");
    }

    #[test]
    fn a_text_is_written_as_others_write_it() {
        let mut out = String::new();
        let text = "a\"b\\c\u{0}\u{1f}\u{7f}é\u{2028}😀";

        Json::push_string(&mut out, text);

        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
    }
}
