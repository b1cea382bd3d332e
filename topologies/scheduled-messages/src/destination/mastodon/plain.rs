//! Texts of statuses, compared with what was sent.

/// How much a status is like a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same text.
    Same,
    /// The same letters and digits, with something else between them.
    Close,
    /// Another text.
    None,
}

/// Compares the HTML of a status with the text of a message.
///
/// A server makes links of addresses, leaves the hosts of mentions out, and paragraphs of lines: what is left after that must
/// be the same.
pub(super) fn likeness(html: &str, text: &str) -> Likeness {
    let (there, here) = (folded(&text_of(html)), folded(text));
    if there == here {
        return Likeness::Same;
    }
    let (there, here) = (letters(&there), letters(&here));
    if there == here && !here.is_empty() { Likeness::Close } else { Likeness::None }
}

/// Leaves the hosts out of mentions: `@me@example.org` is read as `@me`.
pub(super) fn without_hosts(text: &str) -> String {
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        left.push_str(before);
        left.push('@');
        rest = after;
        let begins_a_word =
            before.chars().next_back().is_none_or(|char| !char.is_alphanumeric() && char != '/');
        let name = after.split_once('@').map(|(name, _)| name);
        let Some(name) = name.filter(|name| begins_a_word && !name.is_empty() && name.chars().all(is_name))
        else {
            continue;
        };
        let host = after.get(name.len() + 1..).unwrap_or_default();
        let end = host.find(|char| !is_name(char)).unwrap_or(host.len());
        let host_length = host.get(..end).unwrap_or_default().trim_end_matches(['.', '-', '_']).len();
        if host_length > 0 {
            left.push_str(name);
            rest = host.get(host_length..).unwrap_or_default();
        }
    }
    left.push_str(rest);
    left
}

/// What a reader of the HTML reads.
fn text_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = match from.strip_prefix('<') {
            Some(tag) => {
                let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
                if matches!(
                    tag.trim_start_matches('/').split([' ', '/']).next(),
                    Some("br" | "p" | "li" | "div")
                ) {
                    text.push('\n');
                }
                after
            }
            None => match entity(from) {
                Some((char, after)) => {
                    text.push(char);
                    after
                }
                None => {
                    text.push('&');
                    from.get(1..).unwrap_or_default()
                }
            },
        };
    }
    text.push_str(rest);
    text
}

/// Reads a character that is written as an entity, and what comes after it.
fn entity(from: &str) -> Option<(char, &str)> {
    let (name, after) = from.strip_prefix('&')?.split_once(';')?;
    let char = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((char, after))
}

fn folded(text: &str) -> String {
    without_hosts(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn letters(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_the_same_as_what_was_sent() {
        for (html, text) in [
            ("<p>Hello</p>", "Hello"),
            ("<p>Tom &amp; &quot;Ann&quot; &lt;3 &#39;x&#x27; &nbsp;y</p>", "Tom & \"Ann\" <3 'x'  y"),
            ("<p>one<br />two</p><p>three<br>four</p>", "one\ntwo\n\nthree\nfour\n"),
            (
                "<p>see <a href=\"https://example.org/a/long/path\" rel=\"nofollow\"><span class=\"invisible\">https://</span>\
                 <span class=\"ellipsis\">example.org/a/lo</span><span class=\"invisible\">ng/path</span></a></p>",
                "see https://example.org/a/long/path",
            ),
            (
                "<p><span class=\"h-card\"><a href=\"https://example.org/@ann\" class=\"u-url mention\">@<span>ann</span></a></span> \
                 <a href=\"https://here.example/tags/x\" class=\"mention hashtag\">#<span>x</span></a></p>",
                "@ann@example.org #x",
            ),
            ("<p>AT&amp;T; R&D &unknown; 1 &lt; 2</p>", "AT&T; R&D &unknown; 1 < 2"),
            ("plain", " plain "),
            ("<p>👍</p>", "👍"),
        ] {
            assert_eq!(likeness(html, text), Likeness::Same, "{html}");
        }
    }

    #[test]
    fn what_differs_between_the_letters_is_close_and_all_else_is_not() {
        assert_eq!(likeness("<p><strong>Hello</strong> world!</p>", "**Hello** world!"), Likeness::Close);
        assert_eq!(likeness("<p>Hello?</p>", "Hello!"), Likeness::Close);
        assert_eq!(likeness("<p>Hello</p>", "Hello you"), Likeness::None);
        assert_eq!(likeness("<p>👍</p>", "👎"), Likeness::None);
        assert_eq!(likeness("", "Hello"), Likeness::None);
    }

    #[test]
    fn broken_html_is_read_to_its_end() {
        for html in ["<", "<p", "&", "&#", "&#x110000;", "&#xffffffffff;", "a<b>c</", "&;"] {
            let _: Likeness = likeness(html, "a");
        }
    }

    #[test]
    fn only_mentions_lose_their_hosts() {
        for (text, left) in [
            ("@ann@example.org, (@bob@b.example.)", "@ann, (@bob.)"),
            (
                "ann@example.org @ann @ @@ a@b@c https://x.example/@ann@y.example",
                "ann@example.org @ann @ @@ a@b@c https://x.example/@ann@y.example",
            ),
            ("@ann@", "@ann@"),
        ] {
            assert_eq!(without_hosts(text), left);
        }
    }
}
