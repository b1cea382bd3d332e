//! An activity: the JSON that came in, the text found in it, and what is added to it.

mod author;
mod enrichments;
mod event_id;
mod fields;
mod links;
mod unparsed;

pub use enrichments::Enrichments;
pub(crate) use enrichments::MISSING;
pub use event_id::EventId;
pub use unparsed::Unparsed;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Name, Text, Texts};
use fields::Fields;

/// One event of a source, with what is added to it on its way.
///
/// What goes out is what came in, byte for byte, plus one member, `"enrichment"`, at its end, or in the place of the one
/// that came with it; an event to which nothing applies goes out as it is. Numbers keep their digits, members their
/// order, strings their escapes: nothing is read and written again.
///
/// ```
/// use squall_enrichment::{Activity, Json, Missing, Outcome};
///
/// let mut activity = Activity::parse(1, r#"{"id":1.00,"text":"Guten Morgen"}"#)?;
/// assert_eq!(activity.text(), Some("Guten Morgen"));
///
/// activity.enrichments.insert("mood", Outcome::Found(Json::of(&["good"])?));
/// activity.enrichments.insert("score", Outcome::Missing(Missing::UNKNOWN_AUTHOR));
/// assert_eq!(
///     activity.to_json()?,
///     r#"{"id":1.00,"text":"Guten Morgen","enrichment":{"mood":["good"],"score":null,"missing":{"score":"unknown_author"}}}"#,
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The number of the activity in its source, from 1.
    pub number: u64,
    /// The part of its source that it is numbered in: the partition of a topic, 0 elsewhere.
    pub partition: i32,
    /// What was found out about it.
    pub enrichments: Enrichments,
    json: Text,
    text: Option<Text>,
    is_post: bool,
    links: Texts,
    author: Option<Text>,
    place: Place,
}

/// Where the enrichments go in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    /// Before the last brace, as a member of their own.
    Member {
        /// The byte of that brace.
        at: usize,
        /// Whether a comma must stand between.
        comma: bool,
    },
    /// Into the member that came with the event. Few have one, so it lies elsewhere.
    Existing(Box<Existing>),
}

/// The member that came with the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Existing {
    /// The bytes of its value.
    at: Range<usize>,
    /// What it has already.
    has: Vec<Name>,
}

impl Activity {
    /// Reads an activity: the event of a Jetstream (version 1), or any JSON object with its text in `text`,
    /// `content` or `object.content`.
    ///
    /// | | of a Jetstream | of any other object |
    /// |---|---|---|
    /// | the text | `commit.record.text` | `text`, `content`, `object.content` |
    /// | the links | those of `facets`, of `embed`, and without facets those in the text | `urls` (texts, or objects with `url`), `entities.urls`, `card.url`, and those in the text |
    /// | the author | `did` | `did`, `actor`, `author`, `user`, `account`, each a text or an object with `id`, `did` or `handle` |
    ///
    /// # Errors
    ///
    /// It is not JSON, not an object, or has a member twice that is needed to find the text, the links or the author.
    pub fn parse(number: u64, json: impl Into<Text>) -> Result<Self, Unparsed> {
        let mut json = json.into();
        // Blanks behind the value are no part of it; the last byte is its brace.
        if json.ends_with(|last: char| last.is_ascii_whitespace()) {
            json = json.trim_ascii_end().into();
        }
        let fields = Fields::read(&json)?;
        let place = place(&json, fields.enrichment)?;
        let content = fields.content()?;
        let author = fields.author()?.map(Text::from);
        Ok(Self {
            number,
            partition: 0,
            enrichments: Enrichments::default(),
            text: content.text.map(Text::from),
            is_post: content.is_post,
            links: content.links,
            author,
            place,
            json,
        })
    }

    /// The text of the activity, if it has one: HTML where it comes from `content`, see [`plain_text`].
    ///
    /// [`plain_text`]: crate::plain_text
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The same, to keep.
    pub fn shared_text(&self) -> Option<Text> {
        self.text.clone()
    }

    /// The links in it, each once, in their order: addresses with `http` or `https`, sixteen at most.
    pub fn links(&self) -> &[Text] {
        &self.links
    }

    /// The same, to keep.
    pub fn shared_links(&self) -> Texts {
        self.links.clone()
    }

    /// Whose it is: an identifier of the source's, such as `did:plc:…`.
    pub fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// The same, to keep.
    pub fn shared_author(&self) -> Option<Text> {
        self.author.clone()
    }

    /// The event as it came in.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Whether it should have a text, and with it a language: a post, or anything that has a text.
    ///
    /// Likes, follows, deletes and the like are no posts.
    pub fn wants_language(&self) -> bool {
        self.is_post
    }

    /// Whether the event came in with this enrichment, from an earlier run. One that was `null` is not there.
    pub fn has(&self, name: &str) -> bool {
        match &self.place {
            Place::Member { .. } => false,
            Place::Existing(existing) => existing.has.iter().any(|there| there.as_str() == name),
        }
    }

    /// About the bytes of memory that it takes, without its enrichments.
    pub(crate) fn bytes(&self) -> u64 {
        let texts = self.text.iter().chain(&self.author).chain(self.links.iter());
        let shared: usize = texts.map(|text| text.len() + 32).sum();
        (size_of::<Self>() + self.json.len() + shared) as u64
    }

    /// The event that goes out.
    ///
    /// # Errors
    ///
    /// What came in as `enrichment` cannot be written again as JSON, which nothing that was read here can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut out = String::new();
        self.push_json(&mut out)?;
        Ok(out)
    }

    /// The same, behind what `out` has already.
    ///
    /// # Errors
    ///
    /// As [`to_json`](Self::to_json).
    pub fn push_json(&self, out: &mut String) -> Result<(), serde_json::Error> {
        if self.enrichments.is_empty() {
            out.push_str(&self.json);
            return Ok(());
        }
        match &self.place {
            Place::Member { at, comma } => {
                out.push_str(self.json.get(..*at).unwrap_or_default());
                out.push_str(if *comma { ",\"enrichment\":" } else { "\"enrichment\":" });
                self.enrichments.push_json(out);
                out.push_str(self.json.get(*at..).unwrap_or_default());
            }
            Place::Existing(existing) => {
                let at = &existing.at;
                let existing = self.json.get(at.clone()).unwrap_or("{}");
                out.push_str(self.json.get(..at.start).unwrap_or_default());
                out.push_str(&self.enrichments.merged_into(existing)?);
                out.push_str(self.json.get(at.end..).unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// Finds where the enrichments of `json`, an object, go in.
fn place(json: &str, existing: Option<&str>) -> Result<Place, Unparsed> {
    let Some(existing) = existing else {
        let at = json.len().saturating_sub(1);
        let before = json.get(..at).unwrap_or_default();
        return Ok(Place::Member { at, comma: !before.trim_ascii().ends_with('{') });
    };
    if !existing.starts_with('{') && existing != "null" {
        return Err(Unparsed::new("its member `enrichment` is not an object; rename or remove it"));
    }
    let has = fields::members(existing)?;
    // `existing` is a part of `json`: the distance of their first bytes is its offset.
    let start = (existing.as_ptr() as usize).saturating_sub(json.as_ptr() as usize);
    Ok(Place::Existing(Box::new(Existing { at: start..start + existing.len(), has })))
}

#[cfg(test)]
mod tests;
