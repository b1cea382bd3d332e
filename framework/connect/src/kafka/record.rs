//! [`Record`]: a message of a topic.

use std::sync::Arc;

use bytes::Bytes;
use rdkafka::{
    Message,
    message::{BorrowedMessage, Headers},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What the book-keeping of a record costs beside its bytes.
const OVERHEAD: usize = 64;

/// A message of a topic. Copies share its bytes.
///
/// ```
/// use squall_connect::kafka::Record;
///
/// let record = Record { value: Some("{}".into()), ..Record::new("events", 3, 1_007) };
///
/// assert_eq!((record.partition, record.offset, record.payload()), (3, 1_007, &b"{}"[..]));
/// // A tombstone has no value at all.
/// assert_eq!(Record::new("events", 3, 1_008).payload(), b"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its topic.
    #[serde(serialize_with = "write_text", deserialize_with = "read_text")]
    pub topic: Arc<str>,
    /// Its partition.
    pub partition: i32,
    /// Its place in the partition.
    pub offset: i64,
    /// When it was written, by whichever clock the topic goes by: milliseconds since 1970.
    pub timestamp_ms: Option<i64>,
    /// What its partition was chosen by.
    pub key: Option<Bytes>,
    /// What it says. A tombstone has none.
    pub value: Option<Bytes>,
    /// What is said about it, in order. A name may occur more than once.
    pub headers: Vec<(String, Option<Bytes>)>,
}

impl Record {
    /// A record with a place and nothing in it.
    pub fn new(topic: &str, partition: i32, offset: i64) -> Self {
        Self {
            topic: topic.into(),
            partition,
            offset,
            timestamp_ms: None,
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    /// What it says; nothing for a tombstone.
    pub fn payload(&self) -> &[u8] {
        self.value.as_deref().unwrap_or_default()
    }

    /// Copies a message out of the client library, which may then fetch into its place.
    pub(super) fn copied(message: &BorrowedMessage<'_>, topic: &Arc<str>) -> Self {
        let headers = message.headers().map(|headers| headers.iter()).into_iter().flatten();
        Self {
            topic: Arc::clone(topic),
            partition: message.partition(),
            offset: message.offset(),
            timestamp_ms: message.timestamp().to_millis(),
            key: message.key().map(Bytes::copy_from_slice),
            value: message.payload().map(Bytes::copy_from_slice),
            headers: headers
                .map(|header| (header.key.to_owned(), header.value.map(Bytes::copy_from_slice)))
                .collect(),
        }
    }

    /// What it costs to hold.
    pub(super) fn bytes(&self) -> u32 {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + length(value)).sum();
        let bytes = OVERHEAD + length(&self.key) + length(&self.value) + headers;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

fn write_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn read_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Arc::from)
}
