//! [`Raw`]: what a source gives, before it is read as an activity.

use std::fmt;

use serde::{Deserialize, Serialize};
use squall::prelude::*;
#[cfg(feature = "kafka")]
use squall_connect::kafka::Record;
use squall_connect::ndjson::Line;

use crate::{Activity, Unparsed};

/// What a source gives, with its place there, before it is read as an activity. Copies share its bytes.
///
/// ```
/// use squall_connect::ndjson::Line;
/// use squall_enrichment::Raw;
///
/// let raw = Raw::from(Line::new(7, r#"{"text":"hello"}"#));
///
/// assert_eq!((raw.to_string().as_str(), raw.bytes()), ("line 7", &br#"{"text":"hello"}"#[..]));
/// assert_eq!(raw.activity()?.text(), Some("hello"));
/// # Ok::<_, squall_enrichment::Unparsed>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Input)]
pub enum Raw {
    /// A line of a file, or an event of a feed.
    Line(Line),
    /// A record of a topic.
    #[cfg(feature = "kafka")]
    Record(Record),
}

impl Raw {
    /// Reads it as an activity, whose number is that of the line, or the offset of the record.
    ///
    /// # Errors
    ///
    /// It is no activity: see [`Activity::parse`]. A record may have bytes that are no text, or no value at all.
    pub fn activity(&self) -> Result<Activity, Unparsed> {
        match self {
            Self::Line(line) => Activity::parse(line.number, line.clone().into_text()),
            #[cfg(feature = "kafka")]
            Self::Record(record) => of_record(record),
        }
    }

    /// Whether it says nothing but that a key is to be forgotten: a record without a value.
    pub fn is_tombstone(&self) -> bool {
        match self {
            Self::Line(_) => false,
            #[cfg(feature = "kafka")]
            Self::Record(record) => record.value.is_none(),
        }
    }

    /// What it says, as it came.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Line(line) => line.text().as_bytes(),
            #[cfg(feature = "kafka")]
            Self::Record(record) => record.payload(),
        }
    }
}

#[cfg(feature = "kafka")]
fn of_record(record: &Record) -> Result<Activity, Unparsed> {
    let Some(value) = &record.value else { return Err(Unparsed::new("it has no value: a tombstone")) };
    let text = std::str::from_utf8(value).map_err(|error| {
        Unparsed::new(format!("byte {} is not UTF-8; expected one JSON object", error.valid_up_to() + 1))
    })?;
    let mut activity = Activity::parse(u64::try_from(record.offset).unwrap_or_default(), text)?;
    activity.partition = record.partition;
    Ok(activity)
}

impl From<Line> for Raw {
    fn from(line: Line) -> Self {
        Self::Line(line)
    }
}

#[cfg(feature = "kafka")]
impl From<Record> for Raw {
    fn from(record: Record) -> Self {
        Self::Record(record)
    }
}

/// Where it lies in its source.
impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {}", line.number),
            #[cfg(feature = "kafka")]
            Self::Record(record) => {
                write!(f, "{}, partition {}, offset {}", record.topic, record.partition, record.offset)
            }
        }
    }
}
