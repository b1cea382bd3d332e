//! What of a value must not be shown.

use std::ops::Range;

use super::Secret;

/// The bytes of URLs that are for nobody's eyes: names and passwords, from `://` to the last `@` of the word, and what a
/// query has behind a name that looks like that of a secret.
///
/// A password with a `/` or `?` in it makes a wrong URL, which is just what ends in a message: so the word goes on up to a
/// blank or a quote, not up to the path.
pub(super) fn secrets_of_urls(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '`'));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if let Some(length) = word.rfind('@') {
            ranges.push(start..start + length);
        }
        ranges.extend(secrets_of_query(word).map(|range| start + range.start..start + range.end));
    }
    ranges
}

/// The values behind names of secrets, from the first `?` or `#` of a URL on.
fn secrets_of_query(url: &str) -> impl Iterator<Item = Range<usize>> {
    let signs = url.match_indices(['?', '#', '&', ';']).map(|(at, _)| at + 1);
    signs.filter_map(move |at| {
        let pair = url.get(at..)?.split(['?', '#', '&', ';']).next()?;
        let (name, value) = pair.split_once('=')?;
        let from = at + name.len() + 1;
        Secret::is_named_by(name).then_some(from..from + value.len())
    })
}

/// The text with stars in place of the secrets of URLs, as many as they have bytes.
pub(super) fn without_secrets_of_urls(text: &str) -> String {
    stars(text, &secrets_of_urls(text))
}

/// The text with a star in place of every byte in `hidden`: all positions stay what they are.
pub(super) fn stars(text: &str, hidden: &[Range<usize>]) -> String {
    text.char_indices()
        .flat_map(|(at, char)| {
            let hide = hidden.iter().any(|range| range.contains(&at));
            let (char, times) = if hide { ('*', char.len_utf8()) } else { (char, 1) };
            std::iter::repeat_n(char, times)
        })
        .collect()
}

/// The message without the parts of `value` that it quotes.
pub(super) fn without_quotes_of(message: &str, value: &str) -> String {
    let value = value.trim();
    let mut said = if value.is_empty() { message.to_owned() } else { message.replace(value, "…") };
    for quote in ['`', '"'] {
        let parts = said.split(quote).enumerate().map(|(index, part)| {
            let is_quoted = index % 2 == 1 && !part.is_empty() && value.contains(part);
            if is_quoted { "…" } else { part }
        });
        said = parts.collect::<Vec<_>>().join(&quote.to_string());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_urls_become_stars_of_the_same_length() {
        for (text, shown) in [
            ("url = \"ftp://u:s3cret@h/tok\"", "url = \"ftp://********@h/tok\""),
            ("http://u:p/w@h and x@y", "http://*****@h and x@y"),
            ("http://ü:p@h", "http://****@h"),
            ("a://b@c 'd://e:@f@g'", "a://*@c 'd://****@g'"),
            ("http://h/path", "http://h/path"),
            (
                "wss://h/?access_token=s3cret&a=b 'http://h#apiKey=k'",
                "wss://h/?access_token=******&a=b 'http://h#apiKey=*'",
            ),
            ("http://h/x?cursor=7&X-Amz-Signature=ab;sig=7", "http://h/x?cursor=7&X-Amz-Signature=**;sig=7"),
            ("token=a http://h/?token=", "token=a http://h/?token="),
        ] {
            assert_eq!(without_secrets_of_urls(text), shown);
            assert_eq!(shown.len(), text.len());
        }
    }

    #[test]
    fn quoted_parts_of_a_value_are_left_out() {
        let said = without_quotes_of("`ftp` is neither `http` nor \"https\"", "ftp://u:s3cret@h/");

        assert_eq!(said, "`…` is neither `http` nor \"https\"");
        assert_eq!(without_quotes_of("no number: s3cret", " s3cret"), "no number: …");
    }
}
