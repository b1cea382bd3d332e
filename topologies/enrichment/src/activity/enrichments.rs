//! What is added to an activity.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Json, Missing, Name, Outcome};

/// The member of `enrichment` that says why something is missing.
pub(crate) const MISSING: &str = "missing";

/// What was found out about an activity; as JSON, the member `enrichment` of the event.
///
/// An enrichment that was looked for and not found is `null`, and `missing` says why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrichments(BTreeMap<Name, Outcome>);

impl Enrichments {
    /// Adds what came of asking the enricher `name`; a later answer takes the place of an earlier one.
    pub fn insert(&mut self, name: impl Into<Name>, outcome: Outcome) {
        self.0.insert(name.into(), outcome);
    }

    /// What came of asking the enricher `name`; `None` where nobody asked.
    pub fn get(&self, name: &str) -> Option<&Outcome> {
        self.0.get(name)
    }

    /// Each of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Outcome)> {
        self.0.iter()
    }

    /// What is missing, and why.
    pub fn missing(&self) -> impl Iterator<Item = (&Name, &Missing)> {
        self.iter().filter_map(|(name, outcome)| match outcome {
            Outcome::Found(_) => None,
            Outcome::Missing(why) => Some((name, why)),
        })
    }

    /// How many there are, with those that are missing.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody looked for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        let missing = self.merged_missing(members.remove(MISSING))?;
        members.extend(added);
        members.remove(MISSING);
        if let Some(missing) = &missing {
            members.insert(MISSING.to_owned(), missing);
        }
        serde_json::to_string(&members)
    }

    /// What is missing now, and what was missing before and nobody asked for. A value that is no object counts as not
    /// there.
    fn merged_missing(&self, before: Option<&RawValue>) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        let before = before.map_or("{}", RawValue::get);
        let mut all: Members<'_> = serde_json::from_str(before).unwrap_or_default();
        all.retain(|name, _| self.get(name).is_none());
        let now: BTreeMap<_, _> = self.missing().collect();
        let now = serde_json::to_string(&now)?;
        all.extend(serde_json::from_str::<Members<'_>>(&now)?);
        if all.is_empty() { Ok(None) } else { serde_json::value::to_raw_value(&all).map(Some) }
    }
}

/// The members of an object, each with its bytes.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Enrichments as they stand in the event, which is not how they travel as a part of a tuple.
struct Member<'a>(&'a Enrichments);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, outcome) in self.0.iter() {
            match outcome {
                Outcome::Found(json) => map.serialize_entry(name, &raw::<S::Error>(json)?)?,
                Outcome::Missing(_) => map.serialize_entry(name, &())?,
            }
        }
        let missing: BTreeMap<_, _> = self.0.missing().collect();
        if !missing.is_empty() {
            map.serialize_entry(MISSING, &missing)?;
        }
        map.end()
    }
}

fn raw<E: serde::ser::Error>(json: &Json) -> Result<&RawValue, E> {
    serde_json::from_str(json.as_str()).map_err(E::custom)
}
