//! Enrichers: what finds something out about an activity.

mod answer;
mod answering;
mod answers;
mod cache;
mod calls;
mod configured;
mod influence;
mod json;
mod language;
mod links;
mod missing;
mod name;
mod on_failure;
mod question;
mod web;

pub use answer::{Answer, Outcome};
pub use answering::Answering;
pub use answers::Answers;
pub use cache::{Cache, CacheCounts, CacheSettings, CacheTerms, Fresh};
pub use calls::{Calls, Declared};
pub use configured::{Enrichers, Named};
pub use influence::{Influence, InfluenceService, Score};
pub use json::Json;
pub use language::LanguageEnricher;
pub use links::{Links, Network, Ports};
pub use missing::Missing;
pub use name::Name;
pub use on_failure::OnFailure;
pub use question::{Asked, Question};
pub use web::Web;

use std::fmt;

use squall_topology::schema::Kind;

use crate::Activity;

/// The kinds of enrichers, for editors.
pub(crate) const KINDS: &[Kind] = &[
    Kind::of::<Influence>("influence"),
    Kind::of::<InfluenceService>("influence-service"),
    Kind::of::<LanguageEnricher>("language"),
    Kind::of::<Links>("links"),
];

/// Finds something out about activities.
///
/// An enricher is chosen by the `type` of its table, `[enrichment.enricher.NAME]`; the name of the table is the member
/// that it adds to the event. One is a type of its own with its settings as fields, this trait, and an attribute:
///
/// ```
/// use serde::Deserialize;
/// use squall_enrichment::{Activity, Answering, Asked, Calls, Declared, Enricher, Enrichers, Web};
/// use squall_topology::Config;
///
/// /// How many words a text has.
/// #[derive(Debug, Deserialize)]
/// struct Words {
///     #[serde(default)]
///     calls: Calls,
/// }
///
/// #[typetag::deserialize(name = "words")]
/// impl Enricher for Words {
///     fn declared(&self) -> Declared {
///         self.calls.over(Declared::default())
///     }
///
///     fn question(&self, activity: &Activity) -> Option<Asked> {
///         activity.shared_text().map(Asked::Text)
///     }
///
///     fn answer<'a>(&'a self, asked: &'a Asked, _: &'a Web) -> Answering<'a> {
///         let Asked::Text(text) = asked else { return Answering::refused(asked) };
///         Answering::found(&text.split_whitespace().count())
///     }
/// }
///
/// let mut config = Config::parse("squall.toml", "[enrichers.words]\ntype = 'words'")?;
/// let enrichers = Enrichers::new(config.parts("enrichers")?);
/// let words = enrichers.iter().next().unwrap();
///
/// let question = words.question(&Activity::parse(7, r#"{"text":"all is well"}"#)?).unwrap();
/// let answer = futures_util::FutureExt::now_or_never(words.answer(&question, &Web::default())).unwrap().unwrap();
/// assert_eq!((answer.number, answer.name.as_str()), (7, "words"));
/// assert_eq!(answer.outcome.found().unwrap().as_str(), "3");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # What is an answer, and what is none
///
/// That something cannot be found out is an answer too, [`Outcome::Missing`] with its reason: a text without letters, an
/// author whom nobody knows, a link that leads nowhere. Only where asking itself failed (a service is down, or answers
/// nonsense) is there an error, and the question is asked again as [`Declared::retry`] and [`Declared::on_failure`] say. Nobody may be able to bring
/// that about from outside with an activity of their own: what waits for an answer holds up what comes behind.
#[typetag::deserialize]
pub trait Enricher: fmt::Debug + Send + Sync {
    /// What asking costs, how often it is done at once, and what is remembered.
    fn declared(&self) -> Declared;

    /// What it asks of an activity; nothing if it does not apply, as the language of a like does not.
    fn question(&self, activity: &Activity) -> Option<Asked>;

    /// Finds the answer: at once if it can, else later.
    ///
    /// One that is there at once is taken where the activity is read, by the task that reads it: at no limit of
    /// [`Declared::concurrency`], which is for those that have to be waited for. An error at once is asked about again.
    ///
    /// It is dropped where its time is up, and must ask nothing of the thread that it runs on in the meantime.
    ///
    /// # Errors
    ///
    /// Asking failed, and may succeed at another time.
    fn answer<'a>(&'a self, asked: &'a Asked, web: &'a Web) -> Answering<'a>;

    /// Opens what it reads from, once before the first question; blocking.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, in a sentence for the operator.
    fn open(&self) -> Result<(), String> {
        Ok(())
    }

    /// What its cache did so far, if it has one.
    fn cache(&self) -> Option<CacheCounts> {
        None
    }
}

#[cfg(test)]
mod tests;
