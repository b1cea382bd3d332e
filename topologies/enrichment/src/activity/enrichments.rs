//! What is added to an activity.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Json, Missing, Name, Outcome};

/// The member of `enrichment` that says why something is missing.
pub(crate) const MISSING: &str = "missing";

/// What was found out about an activity; as JSON, the member `enrichment` of the event.
///
/// An enrichment that was looked for and not found is `null`, and `missing` says why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrichments(
    /// By name. There are a few, and many activities: a tree would take a node of eleven for three.
    Vec<(Name, Outcome)>,
);

impl Enrichments {
    /// Adds what came of asking the enricher `name`; a later answer takes the place of an earlier one.
    pub fn insert(&mut self, name: impl Into<Name>, outcome: Outcome) {
        let name = name.into();
        match self.find(name.as_str()) {
            Ok(at) => drop(self.0.get_mut(at).map(|there| std::mem::replace(&mut there.1, outcome))),
            Err(at) => self.0.insert(at, (name, outcome)),
        }
    }

    /// What came of asking the enricher `name`; `None` where nobody asked.
    pub fn get(&self, name: &str) -> Option<&Outcome> {
        self.find(name).ok().and_then(|at| self.0.get(at)).map(|(_, outcome)| outcome)
    }

    /// Takes the memory of so many of them, and no more: for activities of which many wait.
    pub(crate) fn reserve_exactly(&mut self, all: usize) {
        self.0.shrink_to(all);
        self.0.reserve_exact(all.saturating_sub(self.0.len()));
    }

    /// Where `name` stands, or would stand.
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(there, _)| there.as_str().cmp(name))
    }

    /// Each of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Outcome)> {
        self.0.iter().map(|(name, outcome)| (name, outcome))
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

    /// Writes the member `enrichment` of the event, as JSON.
    pub(super) fn push_json(&self, out: &mut String) {
        out.push('{');
        for (name, outcome) in self.iter() {
            push_name(out, name.as_str());
            out.push_str(outcome.found().map_or("null", Json::as_str));
        }
        let mut missing = self.missing().peekable();
        if missing.peek().is_some() {
            push_name(out, MISSING);
            out.push('{');
            for (name, why) in missing {
                push_name(out, name.as_str());
                Json::push_string(out, why.as_str());
            }
            out.push('}');
        }
        out.push('}');
    }

    /// The same, together with what `existing` has, an object whose other values stay byte for byte, or null.
    pub(super) fn merged_into(&self, existing: &str) -> Result<String, serde_json::Error> {
        let mut added = String::new();
        self.push_json(&mut added);
        let added: Members<'_> = serde_json::from_str(&added)?;
        let mut members: Members<'_> = serde_json::from_str::<Option<_>>(existing)?.unwrap_or_default();
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

impl Serialize for Enrichments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Enrichments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|by_name| Self(by_name.into_iter().collect()))
    }
}

/// The members of an object, each with its bytes.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The name of a member, behind a comma if another one is before it.
fn push_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    Json::push_string(out, name);
    out.push(':');
}
