//! [`Event`]: what a server sent.

use std::sync::Arc;

/// An event that a server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Of which kind it is; `message` where the server says nothing.
    pub kind: String,
    /// What it says: its lines, with `\n` between them.
    pub data: String,
    /// Where the feed stands behind it, if the server ever said so: what is sent back as `Last-Event-ID`.
    pub id: Option<Arc<str>>,
}

/// What comes over a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Event(Event),
    /// An event that is longer than it may be. It was skipped to its end.
    TooLong {
        /// Bytes that an event may have.
        limit: usize,
        /// Where the feed stands behind it, as in [`Event::id`].
        id: Option<Arc<str>>,
    },
}
