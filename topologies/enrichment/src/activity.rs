//! An activity: the JSON that came in, the text found in it, and what is added to it.

mod enrichments;
mod fields;
mod unparsed;

pub use enrichments::{Enrichments, Missing, Outcome};
pub use unparsed::Unparsed;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use fields::Fields;

/// One event of a source, with what is added to it on its way.
///
/// What goes out is what came in, byte for byte, plus one member, `"enrichment"`, at its end; an event to which
/// nothing applies goes out as it is. Numbers keep their digits, members their order, strings their escapes: nothing
/// is read and written again.
///
/// ```
/// use squall_enrichment::{Activity, Language, Outcome};
///
/// let mut activity = Activity::parse(1, r#"{"id":1.00,"text":"Guten Morgen"}"#)?;
/// assert_eq!(activity.text(), Some("Guten Morgen"));
///
/// activity.enrichments.language = Some(Outcome::Found(Language::German));
/// assert_eq!(
///     activity.to_json()?,
///     r#"{"id":1.00,"text":"Guten Morgen","enrichment":{"language":{"code":"deu","iso639_1":"de"}}}"#,
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The number of the activity in its source, from 1.
    pub number: u64,
    /// What was found out about it.
    pub enrichments: Enrichments,
    json: String,
    text: Option<String>,
    is_post: bool,
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
    /// Into the member that came with the event, which is at these bytes.
    Existing(Range<usize>),
    /// Nowhere: what came in has its language already.
    Nowhere,
}

impl Activity {
    /// Reads an activity: the event of a Jetstream (version 1), or any JSON object with its text in `text`,
    /// `content` or `object.content`.
    ///
    /// # Errors
    ///
    /// It is not JSON, not an object, or has a member twice that is needed to find the text.
    pub fn parse(number: u64, json: impl Into<String>) -> Result<Self, Unparsed> {
        let mut json = json.into();
        // Blanks behind the value are no part of it; the last byte is its brace.
        json.truncate(json.trim_ascii_end().len());
        let fields = Fields::read(&json)?;
        let place = place(&json, fields.enrichment)?;
        let text = fields.text()?;
        Ok(Self {
            number,
            enrichments: Enrichments::default(),
            text: text.text,
            is_post: text.is_post,
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

    /// Whether it should have a text, and with it a language: a post, or anything that has a text.
    ///
    /// Likes, follows, deletes and the like are no posts. An event that came in with its language, from an earlier
    /// run, needs none either.
    pub fn wants_language(&self) -> bool {
        self.is_post && self.place != Place::Nowhere
    }

    /// The event that goes out.
    ///
    /// # Errors
    ///
    /// The enrichments cannot be written as JSON, which no enrichment here can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        if self.enrichments.is_empty() {
            return Ok(self.json.clone());
        }
        let (range, before, added) = match &self.place {
            Place::Nowhere => return Ok(self.json.clone()),
            Place::Member { at, comma } => {
                let before = if *comma { ",\"enrichment\":" } else { "\"enrichment\":" };
                (*at..*at, before, self.enrichments.to_json()?)
            }
            Place::Existing(range) => {
                let existing = self.json.get(range.clone()).unwrap_or("{}");
                (range.clone(), "", self.enrichments.merged_into(existing)?)
            }
        };
        let mut out = String::with_capacity(self.json.len() + before.len() + added.len());
        out.push_str(self.json.get(..range.start).unwrap_or_default());
        out.push_str(before);
        out.push_str(&added);
        out.push_str(self.json.get(range.end..).unwrap_or_default());
        Ok(out)
    }
}

/// Finds where the enrichments of `json`, an object, go in.
fn place(json: &str, existing: Option<&str>) -> Result<Place, Unparsed> {
    let Some(existing) = existing else {
        let at = json.len().saturating_sub(1);
        let before = json.get(..at).unwrap_or_default();
        return Ok(Place::Member { at, comma: !before.trim_ascii().ends_with('{') });
    };
    if !existing.starts_with('{') {
        return Err(Unparsed::new("its member `enrichment` is not an object; rename or remove it"));
    }
    if fields::has_language(existing)? {
        return Ok(Place::Nowhere);
    }
    // `existing` is a part of `json`: the distance of their first bytes is its offset.
    let start = (existing.as_ptr() as usize).saturating_sub(json.as_ptr() as usize);
    Ok(Place::Existing(start..start + existing.len()))
}

#[cfg(test)]
mod tests;
