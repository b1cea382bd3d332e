//! [`Message`]: what is written to a topic.

use bytes::Bytes;
use rdkafka::message::{Header, OwnedHeaders};

/// What is written to a topic.
///
/// ```
/// use squall_connect::kafka::Message;
///
/// let message = Message::new("{}").key("at://someone/post/1").header("attempt", "3");
///
/// assert_eq!(message.value.as_deref(), Some(&b"{}"[..]));
/// assert_eq!(message.headers.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The topic, if it is another than that of its output.
    pub topic: Option<String>,
    /// What its partition is chosen by: one key, one partition.
    pub key: Option<Bytes>,
    /// What it says; none is a tombstone, by which a compacted topic forgets the key.
    pub value: Option<Bytes>,
    /// What is said about it, in order.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// When what it says happened, in milliseconds since 1970; now, if it is not said.
    pub timestamp_ms: Option<i64>,
}

impl Message {
    /// A message that says this.
    pub fn new(value: impl Into<Bytes>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// Sets what its partition is chosen by.
    #[must_use]
    pub fn key(mut self, key: impl Into<Bytes>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Adds what is said about it.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }

    /// Sets its topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    pub(super) fn bytes(&self) -> u64 {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        (length(&self.key) + length(&self.value)) as u64
    }

    pub(super) fn library_headers(&self) -> Option<OwnedHeaders> {
        if self.headers.is_empty() {
            return None;
        }
        let empty = OwnedHeaders::new_with_capacity(self.headers.len());
        Some(
            self.headers
                .iter()
                .fold(empty, |headers, (key, value)| headers.insert(Header { key, value: value.as_deref() })),
        )
    }
}
