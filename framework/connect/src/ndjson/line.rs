//! A line of text, and why a line is none.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A line of text with its place in the input.
///
/// Copies share the text, so that a line can be kept for a second attempt at no cost.
///
/// ```
/// use squall_connect::ndjson::Line;
///
/// let line = Line::new(7, r#"{"text":"hello"}"#);
///
/// assert_eq!(line.number, 7);
/// assert_eq!(line.text(), r#"{"text":"hello"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The number of the line in its input, from 1.
    pub number: u64,
    #[serde(serialize_with = "write_text", deserialize_with = "read_text")]
    text: Arc<str>,
}

impl Line {
    /// A line `number` (from 1) of `text`, which has no line end.
    pub fn new(number: u64, text: impl Into<Arc<str>>) -> Self {
        Self { number, text: text.into() }
    }

    /// The text, without its line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn into_text(self) -> Arc<str> {
        self.text
    }
}

/// A line that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The number of the line in its input, from 1.
    pub number: u64,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LineFault {
    /// It is longer than the limit; the rest of it was skipped.
    TooLong {
        /// Bytes a line may have, without its line end.
        limit: usize,
    },
    /// Its bytes are not UTF-8.
    NotUtf8 {
        /// The first byte that is not, from 1.
        byte: usize,
    },
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes; the line was skipped"),
            Self::NotUtf8 { byte } => write!(f, "byte {byte} is not UTF-8; the line was skipped"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.number, self.fault)
    }
}

fn write_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn read_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Arc::from)
}
