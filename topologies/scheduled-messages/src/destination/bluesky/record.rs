//! A post as it lies in a repository.

use jiff::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::destination::{Attempt, words};

/// The kind of record that posts are.
pub(super) const COLLECTION: &str = "app.bsky.feed.post";

/// The longest hashtag, in characters as people count them.
const TAG_GRAPHEMES: usize = 64;

/// A record with the place it goes to, and the condition that nothing lies there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Put<'a> {
    repo: &'a str,
    collection: &'static str,
    rkey: &'a str,
    /// Always `None`, and always there: left out, it would be no condition at all.
    swap_record: Option<&'static str>,
    record: Post<'a>,
}

/// A post: made of what the row has and of nothing else, so that every attempt writes the same bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    #[serde(rename = "$type")]
    kind: &'static str,
    text: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facets: Vec<Facet<'a>>,
}

/// A part of the text that leads somewhere.
#[derive(Serialize)]
struct Facet<'a> {
    index: Slice,
    features: [Feature<'a>; 1],
}

/// A part of the text, in bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Slice {
    byte_start: usize,
    byte_end: usize,
}

#[derive(Serialize)]
#[serde(tag = "$type")]
enum Feature<'a> {
    #[serde(rename = "app.bsky.richtext.facet#link")]
    Link { uri: String },
    #[serde(rename = "app.bsky.richtext.facet#tag")]
    Tag { tag: &'a str },
}

/// A record that was found.
#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) uri: String,
    pub(super) value: FoundPost,
}

#[derive(Deserialize)]
pub(super) struct FoundPost {
    pub(super) text: Option<String>,
}

/// A record that was written.
#[derive(Deserialize)]
pub(super) struct Written {
    pub(super) uri: String,
}

impl<'a> Put<'a> {
    pub(super) fn new(repo: &'a str, attempt: Attempt<'a>) -> Self {
        let Attempt { rkey, text, created_at, .. } = attempt;
        let record = Post { kind: COLLECTION, text, created_at: date(created_at), facets: facets(text) };
        Self { repo, collection: COLLECTION, rkey, swap_record: None, record }
    }
}

/// The form with milliseconds that clients of the network write.
fn date(instant: Timestamp) -> String {
    format!("{instant:.3}")
}

fn facets(text: &str) -> Vec<Facet<'_>> {
    let links = words::links(text).filter_map(|range| {
        let uri = Url::parse(text.get(range.clone())?).ok()?.into();
        Some((range, Feature::Link { uri }))
    });
    let tags = words::hashtags(text).filter_map(|range| {
        let tag = text.get(range.start + 1..range.end)?;
        (words::graphemes(tag) <= TAG_GRAPHEMES).then_some((range, Feature::Tag { tag }))
    });
    links
        .chain(tags)
        .map(|(range, feature)| Facet {
            index: Slice { byte_start: range.start, byte_end: range.end },
            features: [feature],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::destination::attempt::tests::attempt;

    #[test]
    fn every_attempt_writes_the_same_bytes_on_the_condition_that_nothing_lies_there() {
        let put = |number| {
            let attempt = Attempt { number, is_in_doubt: number > 1, ..attempt() };
            serde_json::to_string(&Put::new("did:plc:me", attempt)).unwrap()
        };

        let expected = json!({
            "repo": "did:plc:me",
            "collection": "app.bsky.feed.post",
            "rkey": "3mbg2k5ka2l2q",
            "swapRecord": null,
            "record": {"$type": "app.bsky.feed.post", "text": "Hello", "createdAt": "2026-01-02T11:00:00.000Z"},
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&put(1)).unwrap(), expected);
        assert_eq!(put(1), put(2));
    }

    #[test]
    fn links_and_hashtags_are_placed_in_bytes() {
        let facets = serde_json::to_value(facets("Grüße https://ü.example/, #Zwölf")).unwrap();

        assert_eq!(
            facets,
            json!([
                {
                    "index": {"byteStart": 8, "byteEnd": 27},
                    "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://xn--tda.example/"}],
                },
                {
                    "index": {"byteStart": 29, "byteEnd": 36},
                    "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Zwölf"}],
                },
            ])
        );
    }
}
