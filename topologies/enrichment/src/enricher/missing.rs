//! Why an enrichment is missing.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an enrichment is missing: one of a few words that the enricher knows, in `snake_case`.
///
/// What is missing is counted by its reason. So a reason never has anything of the activity in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Missing(Cow<'static, str>);

impl Missing {
    /// There is no text, or nothing but links, handles and tags.
    pub const NO_TEXT: Self = Self::new("no_text");
    /// The text has no letters: emoji, digits, punctuation.
    pub const NO_LETTERS: Self = Self::new("no_letters");
    /// The letters are those of a script that the detector does not know.
    pub const UNKNOWN_SCRIPT: Self = Self::new("unknown_script");
    /// Nobody knows the author.
    pub const UNKNOWN_AUTHOR: Self = Self::new("unknown_author");

    /// It could not be asked for, see [`OnFailure::PublishIncomplete`](super::OnFailure).
    pub const UNAVAILABLE: Self = Self::new("unavailable");

    /// The reasons for which a text has no language.
    pub const OF_LANGUAGE: [Self; 3] = [Self::NO_TEXT, Self::NO_LETTERS, Self::UNKNOWN_SCRIPT];

    /// A reason of an enricher of one's own.
    pub const fn new(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }

    /// The reason as it stands in an event.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
