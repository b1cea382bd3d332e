//! What is added to an activity.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Language;

/// What was found out about an activity; as JSON, the member `enrichment` of the event.
///
/// An enrichment that was looked for and not found is `null`, and `missing` says why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrichments {
    /// The language of its text; `None` where nobody looked.
    pub language: Option<Outcome<Language>>,
}

/// What came of looking for an enrichment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome<T> {
    /// It was found.
    Found(T),
    /// It is not there, for this reason.
    Missing(Missing),
}

/// Why an enrichment is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Missing {
    /// There is no text, or nothing but links, handles and tags.
    NoText,
    /// The text has no letters: emoji, digits, punctuation.
    NoLetters,
    /// The letters are those of a script that the detector does not know.
    UnknownScript,
}

impl Missing {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::NoText, Self::NoLetters, Self::UnknownScript];

    /// The name as it stands in an event.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoText => "no_text",
            Self::NoLetters => "no_letters",
            Self::UnknownScript => "unknown_script",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Enrichments {
    /// Whether nobody looked for anything.
    pub fn is_empty(&self) -> bool {
        self.language.is_none()
    }

    /// The member `enrichment` of the event, as JSON.
    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Member(self))
    }

    /// The same, together with what an object `existing` has, whose other values stay byte for byte.
    pub(super) fn merged_into(&self, existing: &str) -> Result<String, serde_json::Error> {
        let added = self.to_json()?;
        let added: Members<'_> = serde_json::from_str(&added)?;
        let mut members: Members<'_> = serde_json::from_str(existing)?;
        let missing = merged(members.get("missing"), added.get("missing"))?;
        members.extend(added);
        if let Some(missing) = &missing {
            members.insert("missing".to_owned(), missing);
        }
        serde_json::to_string(&members)
    }

    fn missing(&self) -> BTreeMap<&'static str, Missing> {
        let language = match self.language {
            Some(Outcome::Missing(why)) => Some(("language", why)),
            _ => None,
        };
        language.into_iter().collect()
    }
}

/// The members of an object, each with its bytes.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The members of both objects; a value that is no object counts as not there.
fn merged(
    old: Option<&&RawValue>,
    new: Option<&&RawValue>,
) -> Result<Option<Box<RawValue>>, serde_json::Error> {
    let mut all = Members::new();
    for object in [old, new].into_iter().flatten() {
        all.extend(serde_json::from_str::<Members<'_>>(object.get()).unwrap_or_default());
    }
    if all.is_empty() { Ok(None) } else { serde_json::value::to_raw_value(&all).map(Some) }
}

/// Enrichments as they stand in the event, which is not how they travel as a part of a tuple.
struct Member<'a>(&'a Enrichments);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.0.language {
            None => {}
            Some(Outcome::Found(language)) => map.serialize_entry("language", &Codes::of(*language))?,
            Some(Outcome::Missing(_)) => map.serialize_entry("language", &())?,
        }
        let missing = self.0.missing();
        if !missing.is_empty() {
            map.serialize_entry("missing", &missing)?;
        }
        map.end()
    }
}

/// The member `language`. The detector gives no confidence, so none is claimed.
#[derive(Serialize)]
struct Codes {
    /// ISO 639-3: three letters.
    code: &'static str,
    iso639_1: &'static str,
}

impl Codes {
    fn of(language: Language) -> Self {
        Self { code: language.iso639_3(), iso639_1: language.iso639_1() }
    }
}
