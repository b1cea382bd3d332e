//! Whether the letters of a text are of a script that the detector knows.

use crate::Missing;

/// Why the language of a text cannot be told by its letters; `None` if it can.
///
/// The detector knows Latin, Cyrillic, Arabic, Devanagari, Han, Kana and Hangul. For Greek, Hebrew or Thai it would
/// name any of its languages.
pub(super) fn missing(text: &str) -> Option<Missing> {
    let (mut known, mut unknown) = (0_usize, 0_usize);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        if is_known(letter) { known += 1 } else { unknown += 1 }
    }
    if known + unknown == 0 {
        Some(Missing::NO_LETTERS)
    } else if unknown > known {
        Some(Missing::UNKNOWN_SCRIPT)
    } else {
        None
    }
}

fn is_known(letter: char) -> bool {
    matches!(letter,
        // Latin, with its extensions and Vietnamese.
        '\0'..='\u{024f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}'
        // Cyrillic.
        | '\u{0400}'..='\u{052f}'
        // Arabic, with its presentation forms.
        | '\u{0600}'..='\u{06ff}' | '\u{0750}'..='\u{077f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        // Devanagari.
        | '\u{0900}'..='\u{097f}'
        // Kana and Han.
        | '\u{3005}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3134f}'
        // Hangul.
        | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}')
}
