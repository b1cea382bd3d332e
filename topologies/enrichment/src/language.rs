//! The language of a text.

mod script;
mod strip;

pub use strip::plain_text;

use serde::{Deserialize, Serialize};
use whichlang::Lang;

use crate::{Missing, Outcome};

/// Bytes of a text that are looked at: more does not change the answer, and a megabyte would take 20 ms.
const SAMPLE_BYTES: usize = 4096;

/// The languages that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    Arabic,
    Chinese,
    Dutch,
    English,
    French,
    German,
    Hindi,
    Italian,
    Japanese,
    Korean,
    Portuguese,
    Russian,
    Spanish,
    Swedish,
    Turkish,
    Vietnamese,
}

impl Language {
    /// All of them, by their names.
    pub const ALL: [Self; 16] = [
        Self::Arabic,
        Self::Chinese,
        Self::Dutch,
        Self::English,
        Self::French,
        Self::German,
        Self::Hindi,
        Self::Italian,
        Self::Japanese,
        Self::Korean,
        Self::Portuguese,
        Self::Russian,
        Self::Spanish,
        Self::Swedish,
        Self::Turkish,
        Self::Vietnamese,
    ];

    /// Finds the language of a text, without regard to its links, handles and tags.
    ///
    /// The detector always names one of its sixteen languages: a text in another language of the same script gets
    /// the one that resembles it most, and no confidence is known.
    ///
    /// ```
    /// use squall_enrichment::{Language, Missing, Outcome};
    ///
    /// assert_eq!(Language::detect("Bom dia! Como você está? #foto"), Outcome::Found(Language::Portuguese));
    /// assert_eq!(Language::detect("#foto https://example.com/x"), Outcome::Missing(Missing::NoText));
    /// ```
    pub fn detect(text: &str) -> Outcome<Self> {
        let plain = plain_text(sample(text));
        if plain.is_empty() {
            return Outcome::Missing(Missing::NoText);
        }
        match script::missing(&plain) {
            Some(why) => Outcome::Missing(why),
            None => Outcome::Found(whichlang::detect_language(&plain).into()),
        }
    }

    /// The code of ISO 639-3: three letters.
    pub fn iso639_3(self) -> &'static str {
        self.codes().0
    }

    /// The code of ISO 639-1, which BCP 47 prefers: two letters.
    pub fn iso639_1(self) -> &'static str {
        self.codes().1
    }

    fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Arabic => ("ara", "ar"),
            // Mandarin, which the detector was trained with; ISO 639-1 knows only Chinese.
            Self::Chinese => ("cmn", "zh"),
            Self::Dutch => ("nld", "nl"),
            Self::English => ("eng", "en"),
            Self::French => ("fra", "fr"),
            Self::German => ("deu", "de"),
            Self::Hindi => ("hin", "hi"),
            Self::Italian => ("ita", "it"),
            Self::Japanese => ("jpn", "ja"),
            Self::Korean => ("kor", "ko"),
            Self::Portuguese => ("por", "pt"),
            Self::Russian => ("rus", "ru"),
            Self::Spanish => ("spa", "es"),
            Self::Swedish => ("swe", "sv"),
            Self::Turkish => ("tur", "tr"),
            Self::Vietnamese => ("vie", "vi"),
        }
    }
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ara => Self::Arabic,
            Lang::Cmn => Self::Chinese,
            Lang::Deu => Self::German,
            Lang::Eng => Self::English,
            Lang::Fra => Self::French,
            Lang::Hin => Self::Hindi,
            Lang::Ita => Self::Italian,
            Lang::Jpn => Self::Japanese,
            Lang::Kor => Self::Korean,
            Lang::Nld => Self::Dutch,
            Lang::Por => Self::Portuguese,
            Lang::Rus => Self::Russian,
            Lang::Spa => Self::Spanish,
            Lang::Swe => Self::Swedish,
            Lang::Tur => Self::Turkish,
            Lang::Vie => Self::Vietnamese,
        }
    }
}

/// The beginning of a long text, cut between two characters.
fn sample(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
