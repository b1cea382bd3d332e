//! [`Event`]: something that happened, and who did it.

mod journal;

pub use journal::Journal;

use std::time::SystemTime;

use schemars::JsonSchema;
use serde::Serialize;

/// Something that happened to a topology, or that somebody did to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Event {
    /// Its number in this process, from 1; none is left out.
    pub seq: u64,
    /// When it was written.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    pub at: SystemTime,
    /// What it is: `rebalance`, `task_failed`, `finding_raised`, …; for filters.
    pub kind: &'static str,
    /// The topology that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// The component that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The person or the program that did it; nobody did what the engine tells of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The address that it was asked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What happened, in a sentence without a stop.
    pub sentence: String,
    /// It did not fail, and was not refused.
    pub ok: bool,
}

/// An event that is to be written.
///
/// ```
/// use squall_ops::{Journal, NewEvent};
///
/// let journal = Journal::default();
/// journal.write(NewEvent::new("rebalance", "`split` has 8 tasks now").about("word-count", "split").by("ann", "127.0.0.1"));
///
/// let told = journal.after(0, 10);
/// assert_eq!((told[0].seq, told[0].who.as_deref()), (1, Some("ann")));
/// ```
#[derive(Clone, Debug)]
pub struct NewEvent(Event);

impl NewEvent {
    /// Something that happened now.
    pub fn new(kind: &'static str, sentence: impl Into<String>) -> Self {
        let (topology, component, who, address) = (None, None, None, None);
        let (at, sentence) = (SystemTime::now(), cut(sentence.into()));
        Self(Event { seq: 0, at, kind, topology, component, who, address, sentence, ok: true })
    }

    /// It happened at this time.
    #[must_use]
    pub fn at(mut self, at: SystemTime) -> Self {
        self.0.at = at;
        self
    }

    /// It is about a topology.
    #[must_use]
    pub fn of(mut self, topology: impl Into<String>) -> Self {
        self.0.topology = Some(topology.into());
        self
    }

    /// It is about a component of a topology.
    #[must_use]
    pub fn about(mut self, topology: impl Into<String>, component: impl Into<String>) -> Self {
        self.0.component = Some(component.into());
        self.of(topology)
    }

    /// Somebody did it, from an address.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>, address: impl Into<String>) -> Self {
        self.0.who = Some(who.into());
        self.0.address = Some(address.into());
        self
    }

    /// It failed, or was refused.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.0.ok = false;
        self
    }
}

/// The most bytes of a sentence: what an error says may be anything.
const SENTENCE_LIMIT: usize = 500;

fn cut(mut sentence: String) -> String {
    if sentence.len() > SENTENCE_LIMIT {
        sentence.truncate(sentence.floor_char_boundary(SENTENCE_LIMIT));
        sentence.push('…');
    }
    sentence
}
