//! [`EventId`]: by which an event is known again.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Activity;

/// Bytes of an id: no real one comes near.
const MOST: usize = 512;

/// By which an event is known again when it comes a second time, from whichever source and process.
///
/// | event | id |
/// |---|---|
/// | a commit of a Jetstream | `at:DID/COLLECTION/RKEY/REV/OPERATION` |
/// | an identity or account of a Jetstream | `at:DID/identity/SEQ`, `at:DID/account/SEQ` |
/// | an event of Wikimedia | `meta:` and its `meta.id` |
/// | any other with an `id`, a number | `id:` and its digits |
/// | any other with an `id`, a text | `id:` and that in quotes: `7` and `"7"` are two |
/// | any other | none of its own: where it lies in its source, see [`at`](Self::at) |
///
/// ```
/// use squall_enrichment::EventId;
///
/// let like = r#"{"did":"did:plc:a","kind":"commit","commit":{"rev":"3m","operation":"create","collection":"app.bsky.feed.like","rkey":"3k"}}"#;
/// assert_eq!(EventId::of(like).unwrap().as_str(), "at:did:plc:a/app.bsky.feed.like/3k/3m/create");
/// assert_eq!(EventId::of(r#"{"id":7,"text":"x"}"#).unwrap().as_str(), "id:7");
/// assert_eq!(EventId::of(r#"{"id":"7","text":"x"}"#).unwrap().as_str(), r#"id:"7""#);
///
/// assert_eq!(EventId::of(r#"{"text":"x"}"#), None);
/// assert_eq!(EventId::at("posts.ndjson", 0, 4096).as_str(), "posts.ndjson/0/4096");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(String);

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    did: Option<&'a RawValue>,
    #[serde(borrow)]
    commit: Option<&'a RawValue>,
    #[serde(borrow)]
    identity: Option<&'a RawValue>,
    #[serde(borrow)]
    account: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Commit {
    rev: Option<String>,
    operation: String,
    collection: String,
    rkey: String,
}

#[derive(Deserialize)]
struct Numbered {
    seq: u64,
}

#[derive(Deserialize)]
struct Meta {
    id: String,
    // `meta` of other sources is something else.
    #[serde(rename = "stream")]
    _stream: String,
}

impl EventId {
    /// The id that an event has by what it says; none if it says nothing of the kind, or is no JSON object. One that is
    /// longer than 512 bytes, or has a NUL in it, is none: no database would have it.
    pub fn of(json: &str) -> Option<Self> {
        Self::said(json).filter(|id| id.0.len() <= MOST && !id.0.contains('\0'))
    }

    fn said(json: &str) -> Option<Self> {
        let event: Event<'_> = serde_json::from_str(json).ok()?;
        if let Some(did) = read::<String>(event.did) {
            if let Some(commit) = read::<Commit>(event.commit) {
                let Commit { rev, operation, collection, rkey } = commit;
                let rev = rev.unwrap_or_default();
                return Some(Self(format!("at:{did}/{collection}/{rkey}/{rev}/{operation}")));
            }
            for (name, value) in [("identity", event.identity), ("account", event.account)] {
                if let Some(Numbered { seq }) = read(value) {
                    return Some(Self(format!("at:{did}/{name}/{seq}")));
                }
            }
        }
        if let Some(Meta { id, .. }) = read(event.meta) {
            return Some(Self(format!("meta:{id}")));
        }
        let own = event.id?;
        match own.get().as_bytes().first() {
            // In quotes: a text that looks like a number is none.
            Some(b'"') => {
                read::<String>(Some(own)).filter(|id| !id.is_empty()).map(|id| Self(format!("id:\"{id}\"")))
            }
            // The digits as they are: large numbers are no floats.
            Some(b'-' | b'0'..=b'9') => Some(Self(format!("id:{}", own.get()))),
            _ => None,
        }
    }

    /// The id of an event by where it lies: its source, the partition of that, and its place there.
    pub fn at(source: &str, partition: i32, place: u64) -> Self {
        Self(format!("{source}/{partition}/{place}"))
    }

    /// The id of an event by what it says, byte for byte: the first 128 bits of its SHA-256.
    pub fn of_content(json: &str) -> Self {
        let mut id = "sha256:".to_owned();
        for byte in Sha256::digest(json).iter().take(16) {
            id.push_str(&format!("{byte:02x}"));
        }
        Self(id)
    }

    /// As a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Activity {
    /// By which it is known again, if what it says tells that; see [`EventId`]. It is looked for at each call.
    pub fn event_id(&self) -> Option<EventId> {
        EventId::of(self.json())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a value; one that has another shape is of no interest.
fn read<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Option<String> {
        EventId::of(json).map(|id| id.0)
    }

    #[test]
    fn what_tells_two_events_apart_is_in_their_ids() {
        let event = |rev: &str, operation: &str, rkey: &str| {
            id(&format!(
                r#"{{"did":"did:plc:a","time_us":1,"commit":{{"rev":"{rev}","operation":"{operation}","collection":"c","rkey":"{rkey}"}}}}"#
            ))
        };
        let mut ids = vec![
            event("1", "create", "k"),
            event("1", "delete", "k"),
            event("2", "create", "k"),
            event("1", "create", "l"),
        ];
        ids.push(id(r#"{"did":"did:plc:a","identity":{"seq":7}}"#));
        ids.push(id(r#"{"did":"did:plc:a","account":{"seq":7}}"#));
        ids.push(id(r#"{"did":"did:plc:b","account":{"seq":7}}"#));

        assert!(ids.iter().all(Option::is_some), "{ids:?}");
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{ids:?}");
    }

    #[test]
    fn when_and_how_often_an_event_comes_is_not_in_its_id() {
        let event = |time: u64| {
            id(&format!(
                r#"{{"did":"d","time_us":{time},"commit":{{"rev":"1","operation":"create","collection":"c","rkey":"k","record":{{"text":"x"}}}}}}"#
            ))
        };

        assert_eq!(event(1), event(2));
    }

    #[test]
    fn other_sources_have_ids_of_their_own_and_what_has_none_has_none() {
        for (json, expected) in [
            (r#"{"meta":{"id":"0-1","stream":"mediawiki.recentchange"},"id":3}"#, Some("meta:0-1")),
            (r#"{"meta":{"id":"0-1"},"id":3}"#, Some("id:3")),
            (r#"{"id":"https://a.example/1"}"#, Some(r#"id:"https://a.example/1""#)),
            (r#"{"id":123456789012345678901234567890}"#, Some("id:123456789012345678901234567890")),
            (r#"{"id":"a\u002fb"}"#, Some(r#"id:"a/b""#)),
            (r#"{"id":7}"#, Some("id:7")),
            (r#"{"id":"7"}"#, Some(r#"id:"7""#)),
            (r#"{"did":"d","commit":{"rev":"1"},"id":1}"#, Some("id:1")),
            (r#"{"id":""}"#, None),
            (r#"{"id":"a\u0000b"}"#, None),
            (r#"{"id":null}"#, None),
            (r#"{"id":[1]}"#, None),
            (r#"{"did":"d"}"#, None),
            ("[1]", None),
            ("", None),
        ] {
            assert_eq!(id(json).as_deref(), expected, "{json}");
        }
    }
}
