//! [`Ids`]: by which each activity of a source is known again.

use std::sync::Arc;

use crate::{Activity, EventId};

/// What tells events apart that have no id of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Their number in the source, which is the same at every start: lines of a file, records of a topic.
    Numbers,
    /// What they say, since a source numbers them anew at every start. Two that say the same are one.
    Contents,
}

/// By which each activity of a source is known again: what it says itself, or else its place in the source.
///
/// ```
/// use squall_enrichment::{Activity, Ids, Places};
///
/// let ids = Ids::new("posts.ndjson", Places::Numbers);
///
/// assert_eq!(ids.of(&Activity::parse(3, r#"{"id":7}"#)?).as_str(), "id:7");
/// assert_eq!(ids.of(&Activity::parse(3, r#"{"text":"x"}"#)?).as_str(), "posts.ndjson/0/3");
/// # Ok::<_, squall_enrichment::Unparsed>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ids {
    source: Arc<str>,
    places: Places,
}

impl Ids {
    /// Those of the activities of `source`.
    pub fn new(source: &str, places: Places) -> Self {
        Self { source: source.into(), places }
    }

    /// What the source is called.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What tells events apart that have no id of their own.
    pub fn places(&self) -> Places {
        self.places
    }

    /// By which this activity is known again.
    pub fn of(&self, activity: &Activity) -> EventId {
        activity.event_id().unwrap_or_else(|| match self.places {
            Places::Numbers => EventId::at(&self.source, activity.partition, activity.number),
            Places::Contents => EventId::of_content(activity.json()),
        })
    }
}
