//! The enrichers of a run, by their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use squall::Result;
use squall_topology::Part;

use super::{
    Answer, Answers, CacheCounts, Declared, Enricher, LanguageEnricher, Name, Outcome, Question, Web,
};
use crate::Activity;
use crate::activity::MISSING;

/// The enrichers of a run, in the order of their names. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Enrichers(Arc<[Named]>);

/// An enricher with its name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Named {
    name: Name,
    enricher: Arc<dyn Enricher>,
    answers: Arc<Answers>,
}

impl Enrichers {
    /// The enrichers of a configuration.
    pub fn new(configured: BTreeMap<String, Box<dyn Enricher>>) -> Self {
        Self(
            configured
                .into_iter()
                .map(|(name, enricher)| Named {
                    name: name.as_str().into(),
                    enricher: enricher.into(),
                    answers: Arc::default(),
                })
                .collect(),
        )
    }

    /// Opens what they read from; blocking.
    ///
    /// # Errors
    ///
    /// What is wrong, where, and what to do: the first thing.
    pub fn open(&self) -> Result<(), String> {
        self.iter().try_for_each(|named| {
            named.enricher.open().map_err(|why| format!("[enrichment.enricher.{}]: {why}", named.name))
        })
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Named> {
        self.0.iter()
    }

    /// Looks one up.
    pub fn get(&self, name: &str) -> Option<&Named> {
        self.iter().find(|named| named.name.as_str() == name)
    }
}

impl Default for Enrichers {
    /// `language` alone.
    fn default() -> Self {
        Self::new(BTreeMap::from([("language".to_owned(), Box::<LanguageEnricher>::default() as Box<_>)]))
    }
}

impl<'de> Deserialize<'de> for Enrichers {
    /// Reads a table of enrichers, each with its `type`, from a [`Config`](squall_topology::Config).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let configured = BTreeMap::<String, Part<Box<dyn Enricher>>>::deserialize(deserializer)?;
        if configured.contains_key(MISSING) {
            return Err(D::Error::custom(format!(
                "the member `{MISSING}` has the reasons why something is missing; give this enricher another name"
            )));
        }
        Ok(Self::new(configured.into_iter().map(|(name, part)| (name, part.0)).collect()))
    }
}

impl Named {
    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What it says of itself.
    pub fn declared(&self) -> Declared {
        self.enricher.declared()
    }

    /// What its cache did so far, if it has one.
    pub fn cache(&self) -> Option<CacheCounts> {
        self.enricher.cache()
    }

    /// The answers that it gave, and how long they took.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What it asks of an activity; nothing if it does not apply, or came in with the event.
    pub fn question(&self, activity: &Activity) -> Option<Question> {
        if activity.has(self.name.as_str()) {
            return None;
        }
        let asked = self.enricher.question(activity)?;
        Some(Question { number: activity.number, asked })
    }

    /// The outcome, where nothing has to be waited for: it is computed, stands in a table, or is remembered. Nothing is
    /// done to find it out where it is not. It counts as [`answer`](Self::answer) does.
    pub fn at_once(&self, question: &Question) -> Option<Outcome> {
        let began = Answers::begin(question.number);
        let outcome = self.enricher.answer(&question.asked, &Web::default()).at_once()?;
        self.answers.note(began);
        Some(outcome)
    }

    /// Finds the answer, which counts with the time that it took.
    ///
    /// # Errors
    ///
    /// Asking failed, and may succeed at another time.
    pub async fn answer(&self, question: &Question, web: &Web) -> Result<Answer> {
        let outcome = self.answers.timed(question.number, self.enricher.answer(&question.asked, web)).await?;
        Ok(Answer { number: question.number, name: self.name.clone(), outcome })
    }
}
