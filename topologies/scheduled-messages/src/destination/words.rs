//! What networks see in a text: its length, its links, its hashtags.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// What ends a link or a hashtag but does not belong to it.
const ENDINGS: [char; 7] = ['.', ',', ';', ':', '!', '?', '\''];

/// The characters as people count them.
pub(super) fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Where the links of a text are, in bytes: what begins with `http://` or `https://` where a word begins.
pub(super) fn links(text: &str) -> impl Iterator<Item = Range<usize>> {
    words(text, |char| char.is_whitespace() || matches!(char, '<' | '>' | '"')).filter_map(|(at, word)| {
        let start = scheme(word)?;
        let link = without_ending(word.get(start..)?);
        let has_host = !link.ends_with("//");
        has_host.then(|| at + start..at + start + link.len())
    })
}

/// Where the hashtags of a text are, in bytes, each with its `#`.
pub(super) fn hashtags(text: &str) -> impl Iterator<Item = Range<usize>> {
    words(text, char::is_whitespace).filter_map(|(at, word)| {
        let tag = without_ending(word);
        let name = tag.strip_prefix('#')?;
        let is_one = name.chars().any(char::is_alphabetic) && !name.contains('#');
        is_one.then(|| at..at + tag.len())
    })
}

/// Where a link begins in a word, if one does: `(https://…` counts, `xhttps://…` does not.
fn scheme(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let start = lower.find("http://").into_iter().chain(lower.find("https://")).min()?;
    let before = lower.get(..start)?.chars().next_back();
    before.is_none_or(|char| !char.is_alphanumeric()).then_some(start)
}

/// The pieces between what `is_between`, each with where it begins.
fn words(text: &str, is_between: fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive(is_between).scan(0, move |next, piece| {
        let at = *next;
        *next += piece.len();
        Some((at, piece.strip_suffix(is_between).unwrap_or(piece)))
    })
}

/// Leaves out the punctuation at the end, and a bracket that was opened before.
fn without_ending(word: &str) -> &str {
    let mut word = word;
    loop {
        let shorter = word.trim_end_matches(ENDINGS);
        let closes = |open: char, close: char| {
            let inner = shorter.strip_suffix(close)?;
            (inner.matches(open).count() <= inner.matches(close).count()).then_some(inner)
        };
        let shorter = closes('(', ')').or_else(|| closes('[', ']')).unwrap_or(shorter);
        if shorter.len() == word.len() {
            return word;
        }
        word = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Vec<&str> {
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn links_are_found_without_the_punctuation_around_them() {
        for (text, expected) in [
            (
                "see https://a.example/b?c=d#e, and HTTP://B.example!",
                vec!["https://a.example/b?c=d#e", "HTTP://B.example"],
            ),
            ("(https://a.example/x) [https://b.example].", vec!["https://a.example/x", "https://b.example"]),
            (
                "https://a.example/Foo_(bar) Grüße\u{a0}https://ü.example/ä…",
                vec!["https://a.example/Foo_(bar)", "https://ü.example/ä…"],
            ),
            ("<https://a.example>\"https://b.example\"", vec!["https://a.example", "https://b.example"]),
            ("xhttps://a.example https:// http://. ftp://a.example a.example", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(found(text, links(text)), expected, "{text}");
        }
    }

    #[test]
    fn hashtags_are_found_where_words_begin() {
        for (text, expected) in [
            ("#one and #Zwölf, #日本!", vec!["#one", "#Zwölf", "#日本"]),
            ("a#b #1 # #a#b https://a.example/#c", vec![]),
        ] {
            assert_eq!(found(text, hashtags(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_family_is_one_character() {
        assert_eq!(graphemes("e\u{301}👨‍👩‍👧‍👦🇩🇪"), 3);
    }
}
