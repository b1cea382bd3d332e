//! The members of an event that are looked at; all others are only skipped over.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use super::Unparsed;

/// The collection of posts in AT Protocol.
const POSTS: &str = "app.bsky.feed.post";

/// The members of the event itself.
#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow)]
    commit: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    enrichment: Option<&'a RawValue>,
}

/// `commit` of a Jetstream event.
#[derive(Deserialize)]
struct Commit<'a> {
    #[serde(borrow)]
    collection: Option<&'a RawValue>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
}

/// `commit.record`.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
}

/// `object` of an Activity Streams activity.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// `enrichment` of an event that has been enriched before.
#[derive(Deserialize)]
struct Enriched<'a> {
    #[serde(borrow)]
    language: Option<&'a RawValue>,
}

/// What is found of an event before its text is unescaped.
pub(super) struct Fields<'a> {
    top: Top<'a>,
    /// The member `enrichment` as it came in.
    pub(super) enrichment: Option<&'a str>,
}

/// The text of an event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: Option<String>,
    pub(super) is_post: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn read(json: &'a str) -> Result<Self, Unparsed> {
        let top: Top<'a> = match json.trim_ascii_start().bytes().next() {
            Some(b'{') => serde_json::from_str(json)?,
            _ => return Err(not_an_object(json)),
        };
        Ok(Self { enrichment: top.enrichment.map(RawValue::get), top })
    }

    /// Finds the text.
    pub(super) fn text(&self) -> Result<Text, Unparsed> {
        if let Some(commit) = object::<Commit<'a>>("commit", self.top.commit)? {
            return commit_text(&commit);
        }
        let nested = match object::<Object<'a>>("object", self.top.object)? {
            Some(object) => object.content,
            None => None,
        };
        let found = [self.top.text, self.top.content, nested].into_iter().flatten().find_map(string);
        Ok(Text { is_post: found.is_some(), text: found })
    }
}

/// The text of a Jetstream commit: a deleted post has none and needs none.
fn commit_text(commit: &Commit<'_>) -> Result<Text, Unparsed> {
    let Some(record) = object::<Record<'_>>("commit.record", commit.record)? else {
        return Ok(Text::default());
    };
    let text = record.text.and_then(string);
    let is_post = text.is_some() || commit.collection.and_then(string).is_some_and(|name| name == POSTS);
    Ok(Text { text, is_post })
}

/// Whether the member `enrichment` has its language already.
pub(super) fn has_language(enrichment: &str) -> Result<bool, Unparsed> {
    let enriched: Enriched<'_> =
        serde_json::from_str(enrichment).map_err(|error| Unparsed::within("enrichment", error))?;
    Ok(enriched.language.is_some())
}

/// Reads a value that may be something else than an object; then it is of no interest.
fn object<'a, T: Deserialize<'a>>(member: &str, value: Option<&'a RawValue>) -> Result<Option<T>, Unparsed> {
    match value.map(RawValue::get) {
        Some(json) if json.starts_with('{') => {
            serde_json::from_str(json).map(Some).map_err(|error| Unparsed::within(member, error))
        }
        _ => Ok(None),
    }
}

/// Reads a value that may be something else than a string; then it is of no interest.
fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str::<Lenient>(value.get()).ok().map(|text| text.0)
}

fn not_an_object(json: &str) -> Unparsed {
    match serde_json::from_str::<serde::de::IgnoredAny>(json) {
        Ok(_) => Unparsed::new("expected a JSON object, `{…}`, found another kind of value"),
        Err(error) => error.into(),
    }
}

/// A string that may have lone surrogates (`"\ud83d"`), which JSON permits and Unicode does not.
///
/// serde_json refuses them in a string and gives them out as bytes; here they become U+FFFD.
struct Lenient(String);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lenient;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lenient, E> {
                Ok(Lenient(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
