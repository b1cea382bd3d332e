//! The members of an event that are looked at; all others are only skipped over.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use super::enrichments::MISSING;
use super::links::Links;
use super::{Unparsed, author};
use crate::{Name, Texts};

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
    // Also where it is null: whatever is added takes its place.
    #[serde(borrow, default, deserialize_with = "there")]
    enrichment: Option<&'a RawValue>,
    // Where its links are.
    #[serde(borrow)]
    urls: Option<&'a RawValue>,
    #[serde(borrow)]
    entities: Option<&'a RawValue>,
    #[serde(borrow)]
    card: Option<&'a RawValue>,
    // Whose it is.
    #[serde(borrow)]
    did: Option<&'a RawValue>,
    #[serde(borrow)]
    actor: Option<&'a RawValue>,
    #[serde(borrow)]
    author: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    account: Option<&'a RawValue>,
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
    #[serde(borrow)]
    facets: Option<&'a RawValue>,
    #[serde(borrow)]
    embed: Option<&'a RawValue>,
}

/// `object` of an Activity Streams activity.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// What is found of an event before its text is unescaped.
pub(super) struct Fields<'a> {
    top: Top<'a>,
    /// The member `enrichment` as it came in.
    pub(super) enrichment: Option<&'a str>,
}

/// The text of an event, and its links.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) is_post: bool,
    pub(super) links: Texts,
}

impl<'a> Fields<'a> {
    pub(super) fn read(json: &'a str) -> Result<Self, Unparsed> {
        let top: Top<'a> = match json.trim_ascii_start().bytes().next() {
            Some(b'{') => serde_json::from_str(json)?,
            _ => return Err(not_an_object(json)),
        };
        Ok(Self { enrichment: top.enrichment.map(RawValue::get), top })
    }

    /// Finds the text and the links.
    pub(super) fn content(&self) -> Result<Content, Unparsed> {
        if let Some(commit) = object::<Commit<'a>>("commit", self.top.commit)? {
            return commit_content(&commit);
        }
        let nested = match object::<Object<'a>>("object", self.top.object)? {
            Some(object) => object.content,
            None => None,
        };
        let found = [self.top.text, self.top.content, nested].into_iter().flatten().find_map(string);
        let mut links = Links::default();
        links.add_list(self.top.urls);
        links.add_list_within("urls", self.top.entities);
        links.add_within("url", self.top.card);
        found.iter().for_each(|text| links.add_text(text));
        Ok(Content { is_post: found.is_some(), text: found, links: links.found() })
    }

    /// Finds the author.
    pub(super) fn author(&self) -> Result<Option<String>, Unparsed> {
        let Top { did, actor, author, user, account, .. } = self.top;
        let members =
            [("did", did), ("actor", actor), ("author", author), ("user", user), ("account", account)];
        for (member, value) in members {
            if let Some(key) = value.map(|value| author::key(member, value)).transpose()?.flatten() {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// The text of a Jetstream commit: a deleted post has none and needs none.
fn commit_content(commit: &Commit<'_>) -> Result<Content, Unparsed> {
    let Some(record) = object::<Record<'_>>("commit.record", commit.record)? else {
        return Ok(Content::default());
    };
    let text = record.text.and_then(string);
    let is_post = text.is_some() || commit.collection.and_then(string).is_some_and(|name| name == POSTS);
    let mut links = Links::default();
    // A link that has a facet stands in the text too, but cut short.
    let has_facets = links.add_facets(record.facets);
    links.add_embed(record.embed);
    text.iter().filter(|_| !has_facets).for_each(|text| links.add_text(text));
    Ok(Content { text, is_post, links: links.found() })
}

/// What the member `enrichment` has already.
pub(super) fn members(enrichment: &str) -> Result<Vec<Name>, Unparsed> {
    let members: Option<BTreeMap<String, Option<&RawValue>>> =
        serde_json::from_str(enrichment).map_err(|error| Unparsed::within("enrichment", error))?;
    let there =
        members.unwrap_or_default().into_iter().filter(|(name, value)| name != MISSING && value.is_some());
    Ok(there.map(|(name, _)| name.as_str().into()).collect())
}

/// Reads a member that is there, whatever its value.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads a value that may be something else than an object; then it is of no interest.
pub(super) fn object<'a, T: Deserialize<'a>>(
    member: &str,
    value: Option<&'a RawValue>,
) -> Result<Option<T>, Unparsed> {
    match value.map(RawValue::get) {
        Some(json) if json.starts_with('{') => {
            serde_json::from_str(json).map(Some).map_err(|error| Unparsed::within(member, error))
        }
        _ => Ok(None),
    }
}

/// Reads a value that may be something else than a string; then it is of no interest.
pub(super) fn string(value: &RawValue) -> Option<String> {
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
