//! The language of a text.

mod confidence;
mod script;
mod strip;

pub use strip::plain_text;

use serde::{Deserialize, Serialize};
use whichlang::Lang;

use crate::{Json, Missing, Outcome};

/// Bytes of a text that are looked at: more does not change the answer, and a megabyte would take 20 ms.
const SAMPLE_BYTES: usize = 4096;

/// The language of a text, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detected {
    /// The language.
    pub language: Language,
    /// From 0 to 1: which part of the text, cut in four, is in that language by itself, and less for a short one. It
    /// puts texts in an order and is no probability.
    pub confidence: f32,
}

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
    /// the one that resembles it most, mostly with little confidence.
    ///
    /// ```
    /// use squall_enrichment::{Language, Missing};
    ///
    /// let found = Language::detect("Bom dia! Como você está? #foto")?;
    /// assert_eq!(found.language, Language::Portuguese);
    /// assert!(Language::detect("Bom dia!")?.confidence < found.confidence);
    /// assert_eq!(Language::detect("#foto https://example.com/x").unwrap_err(), Missing::NO_TEXT);
    /// # Ok::<_, Missing>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The reason why the text has none.
    pub fn detect(text: &str) -> Result<Detected, Missing> {
        let plain = plain_text(sample(text));
        if plain.is_empty() {
            return Err(Missing::NO_TEXT);
        }
        if let Some(why) = script::missing(&plain) {
            return Err(why);
        }
        let language = whichlang::detect_language(&plain);
        Ok(Detected { language: language.into(), confidence: confidence::of(&plain, language) })
    }

    /// The value of the member `language` of an event.
    pub(crate) fn json(self, confidence: f32) -> Outcome {
        let (code, iso639_1) = self.codes();
        Outcome::Found(Json::raw(format!(
            r#"{{"code":"{code}","iso639_1":"{iso639_1}","confidence":{confidence:.2}}}"#
        )))
    }

    /// The language of that value.
    pub(crate) fn of_json(json: &Json) -> Option<Self> {
        #[derive(Deserialize)]
        struct Coded<'a> {
            code: &'a str,
        }
        let coded: Coded<'_> = serde_json::from_str(json.as_str()).ok()?;
        Self::ALL.into_iter().find(|language| language.iso639_3() == coded.code)
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
