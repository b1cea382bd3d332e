//! From `?` to the `$1` of PostgreSQL.

/// Numbers every `?` that is neither within quotes nor within a comment.
pub(super) fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    let mut count = 0_usize;
    let mut rest = sql;
    while let Some(at) = rest.find(['?', '\'', '"', '-', '/']) {
        let (before, from) = rest.split_at(at);
        numbered.push_str(before);
        let skipped = skipped(from);
        if let Some((verbatim, behind)) = from.split_at_checked(skipped).filter(|_| skipped > 0) {
            numbered.push_str(verbatim);
            rest = behind;
        } else {
            count += 1;
            numbered.push('$');
            numbered.push_str(&count.to_string());
            rest = from.get(1..).unwrap_or_default();
        }
    }
    numbered.push_str(rest);
    numbered
}

/// How many bytes at the beginning are not looked into; none if a placeholder is there.
fn skipped(from: &str) -> usize {
    let end = |start: usize, end: &str| {
        let inside = from.get(start..).unwrap_or_default();
        inside.find(end).map_or(from.len(), |at| start + at + end.len())
    };
    match from.as_bytes() {
        [b'?', ..] => 0,
        // A doubled quote ends one quotation and begins the next.
        [b'\'', ..] => end(1, "'"),
        [b'"', ..] => end(1, "\""),
        [b'-', b'-', ..] => end(2, "\n"),
        [b'/', b'*', ..] => end(2, "*/"),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_placeholder_gets_its_number() {
        assert_eq!(
            numbered("UPDATE t SET a = ?, b = a - ? / 2 WHERE c=?"),
            "UPDATE t SET a = $1, b = a - $2 / 2 WHERE c=$3"
        );
    }

    #[test]
    fn a_question_within_quotes_or_a_comment_is_left_alone() {
        let sql = "SELECT 'why?', 'it''s ?', \"who?\" -- really?\n, ? /* or ? */, 'ü?', ?";
        let expected = "SELECT 'why?', 'it''s ?', \"who?\" -- really?\n, $1 /* or ? */, 'ü?', $2";
        assert_eq!(numbered(sql), expected);
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        assert_eq!(numbered("SELECT ?, '?"), "SELECT $1, '?");
        assert_eq!(numbered("SELECT ? --"), "SELECT $1 --");
        assert_eq!(numbered("SELECT ? -"), "SELECT $1 -");
        assert_eq!(numbered("SELECT 'ü"), "SELECT 'ü");
    }
}
