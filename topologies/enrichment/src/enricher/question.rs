//! What an enricher is asked.

use serde::{Deserialize, Serialize};

use crate::{Text, Texts};

/// What an enricher is asked: data, small, and cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The number that the activity which it is about has here: no two have the same, and one that is delivered again
    /// has another.
    pub number: u64,
    /// What has to be known of the activity.
    pub asked: Asked,
}

/// What has to be known of an activity to answer a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// Its text: HTML where it comes from `content`, see [`plain_text`](crate::plain_text).
    Text(Text),
    /// Its links.
    Links(Texts),
    /// Its author.
    Author(Text),
    /// All of it, as JSON.
    Whole(Text),
}

impl Asked {
    /// Which of them it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Links(_) => "links",
            Self::Author(_) => "an author",
            Self::Whole(_) => "a whole event",
        }
    }
}
