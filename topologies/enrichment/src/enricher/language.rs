//! The enricher `language`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answering, Asked, Calls, Declared, Enricher};
use crate::{Activity, Detected, Language};

/// Finds the language of texts, see [`Language::detect`].
///
/// ```toml
/// [enrichment.enricher.language]
/// type = "language"
/// ```
///
/// The answer is `{"code":"eng","iso639_1":"en","confidence":0.93}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(description = "Finds the language of texts.")]
pub struct LanguageEnricher {
    /// How it is asked.
    calls: Calls,
}

#[typetag::deserialize(name = "language")]
impl Enricher for LanguageEnricher {
    fn declared(&self) -> Declared {
        self.calls.over(Declared::default())
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        // A post without a text has no language, and is told why.
        activity.wants_language().then(|| Asked::Text(activity.shared_text().unwrap_or_default()))
    }

    fn answer<'a>(&'a self, asked: &'a Asked, _: &'a super::Web) -> Answering<'a> {
        let Asked::Text(text) = asked else { return Answering::refused(asked) };
        match Language::detect(text) {
            Ok(Detected { language, confidence }) => Answering::now(Ok(language.json(confidence))),
            Err(why) => Answering::missing(why),
        }
    }
}
