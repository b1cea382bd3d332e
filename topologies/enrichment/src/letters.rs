//! [`Letters`]: where dead letters lie.

mod settings;

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use squall::prelude::*;
use squall_connect::ndjson::RotatingOutput;

use crate::Raw;
#[cfg(feature = "kafka")]
use crate::sink::TopicOutput;
pub(crate) use settings::KINDS;
pub use settings::LettersSettings;

/// What could not be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What came, with its place.
    pub raw: Raw,
    /// Why it went no further.
    pub reason: String,
}

/// Where dead letters lie. Cheap to clone: clones are the same place.
#[derive(Clone, Debug, Default)]
pub enum Letters {
    /// Nowhere: they are counted, and the first of them named.
    #[default]
    Nowhere,
    /// In rotated segments, each a line of JSON: `reason`, the place, and what came as `text`, or as `hex` where it is
    /// no text; of what is too large for a segment only how many `bytes` came.
    Files(Arc<Mutex<RotatingOutput>>),
    /// In a topic: key, value and headers as they came, and the reason and the place in further headers.
    #[cfg(feature = "kafka")]
    Topic(TopicOutput),
}

impl Letters {
    /// Letters in rotated segments.
    pub fn files(output: RotatingOutput) -> Self {
        Self::Files(Arc::new(Mutex::new(output)))
    }

    /// Writes a letter; returns when it is written to stay.
    ///
    /// # Errors
    ///
    /// The disk is full, or no broker takes it.
    pub async fn write(&self, letter: &Letter) -> Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Files(output) => {
                let shown = Shown::of(letter);
                let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
                match output.write_line(&shown.line()?) {
                    // It is larger than a segment, which no other time changes.
                    Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                        output.write_line(&shown.without_content(letter).line()?)
                    }
                    outcome => outcome,
                }
                .map_err(Error::retryable)
            }
            #[cfg(feature = "kafka")]
            Self::Topic(output) => output.write_letter(letter).await,
        }
    }
}

/// A letter as a line of JSON.
#[derive(Serialize)]
struct Shown<'a> {
    reason: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    /// How many bytes came, where they are too many for a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
}

/// Where it lies: a line has a number, a record the other three.
#[derive(Default, Serialize)]
struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
}

impl<'a> Shown<'a> {
    fn of(letter: &'a Letter) -> Self {
        let place = match &letter.raw {
            Raw::Line(line) => Place { line: Some(line.number), ..Place::default() },
            #[cfg(feature = "kafka")]
            Raw::Record(record) => Place {
                topic: Some(&record.topic),
                partition: Some(record.partition),
                offset: Some(record.offset),
                ..Place::default()
            },
        };
        let bytes = letter.raw.bytes();
        let text = std::str::from_utf8(bytes).ok();
        let hex = text.is_none().then(|| hex(bytes));
        Self { reason: &letter.reason, place, text, hex, bytes: None }
    }

    fn without_content(self, letter: &Letter) -> Self {
        Self { text: None, hex: None, bytes: Some(letter.raw.bytes().len()), ..self }
    }

    fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

#[cfg(test)]
mod tests;
