//! How sure the language of a text is.

use whichlang::Lang;

/// Into how many parts a text is cut.
const PARTS: usize = 4;

/// Bytes of a text that are looked at a second time: an answer shall not take twice as long for a long text.
const SAMPLE_BYTES: usize = 128;

/// A text of so many bytes has half of the confidence that a very long one would have.
const SHORT: f32 = 12.0;

/// The confidence that a text is in the language that the detector found, from 0 to 1.
///
/// The detector keeps its scores to itself. What can be asked of it is whether the parts of the text sound like the
/// whole. A short text may agree with itself by chance, so its length counts too.
pub(super) fn of(plain: &str, language: Lang) -> f32 {
    let sample = plain.get(..plain.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(plain);
    let mut agreeing = 0;
    let mut start = 0;
    for part in 1..=PARTS {
        let end = cut(sample, start, sample.len() * part / PARTS);
        let text = sample.get(start..end).unwrap_or_default();
        if !text.is_empty() && whichlang::detect_language(text) == language {
            agreeing += text.len();
        }
        start = end;
    }
    let agreement = agreeing as f32 / sample.len().max(1) as f32;
    let length = plain.len() as f32;
    agreement * length / (length + SHORT)
}

/// Where to cut near `at`: behind a blank if one is near, else between two characters.
fn cut(text: &str, start: usize, at: usize) -> usize {
    let at = text.ceil_char_boundary(at).max(start);
    let before = text.get(start..at).unwrap_or_default();
    match before.rfind(' ') {
        Some(blank) if at < text.len() && before.len() - blank < 12 => start + blank + 1,
        _ => at,
    }
}
