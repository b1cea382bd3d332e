//! What is left of a text without links, handles, tags and markup.

/// Removes what says nothing about the language of a text: links, `@handles`, `#tags` and HTML markup.
///
/// ```
/// use squall_enrichment::plain_text;
///
/// assert_eq!(plain_text("Look @ada.bsky.social: https://example.com/a?b=c #wow"), "Look");
/// assert_eq!(plain_text("<p>Guten <b>Morgen</b></p>"), "Guten Morgen");
/// ```
pub fn plain_text(text: &str) -> String {
    let text = without_markup(text);
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        push_word(&mut plain, word);
    }
    plain
}

fn push_word(plain: &mut String, word: &str) {
    if is_reference(word) {
        return;
    }
    // Scripts without blanks put a link right behind a letter.
    let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min() else {
        return push_apart(plain, word);
    };
    let (before, link) = word.split_at(start);
    push_apart(plain, before);
    let end = link.find(|letter: char| !letter.is_ascii()).unwrap_or(link.len());
    push_word(plain, link.get(end..).unwrap_or_default());
}

fn push_apart(plain: &mut String, word: &str) {
    if word.is_empty() {
        return;
    }
    if !plain.is_empty() {
        plain.push(' ');
    }
    plain.push_str(word);
}

/// Whether a word is a handle, a tag, or a link whose scheme was left out (`www.example.com`, `example.com/page`).
fn is_reference(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '"', '\'', '.']);
    let mut letters = word.chars();
    match letters.next() {
        Some('@' | '＠' | '#' | '＃') => {
            return letters.next().is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        }
        None => return false,
        Some(_) => {}
    }
    if word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www.")) {
        return true;
    }
    let Some((host, _)) = word.split_once('/') else { return false };
    host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && host
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Puts a blank where a tag of HTML stood. `a < b` and `<3` are no tags.
fn without_markup(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("</") && !text.contains("/>") && !text.contains("<p>") && !text.contains("<br>") {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag = tag.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
        match tag.split_once('>').filter(|_| is_tag) {
            Some((_, after)) => {
                plain.push(' ');
                rest = after;
            }
            None => {
                plain.push('<');
                rest = tag;
            }
        }
    }
    plain.push_str(rest);
    plain.into()
}
