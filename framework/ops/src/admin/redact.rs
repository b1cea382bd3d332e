//! Hides what looks like a secret in a tuple that is shown to an operator.

use squall_topology::Secret;

/// What stands in place of a value.
const STARS: &str = "\"***\"";

/// The JSON with stars in place of the values of keys that look like secrets. It may break off in the middle: then so
/// does the answer.
pub(super) fn redact(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, string, after)) = next_string(rest) {
        shown.push_str(before);
        shown.push_str(string);
        rest = after;
        let value = after.trim_start();
        let Some(value) = value.strip_prefix(':').filter(|_| is_secret(string)) else { continue };
        shown.push_str(": ");
        shown.push_str(STARS);
        rest = after_value(value.trim_start());
    }
    shown.push_str(rest);
    shown
}

/// What is before the first string, the string with its quotes, and what is behind it. Without a second quote the
/// string is all that is left.
fn next_string(json: &str) -> Option<(&str, &str, &str)> {
    let (before, string) = json.split_at_checked(json.find('"')?)?;
    let (string, after) = string.split_at_checked(string_length(string))?;
    Some((before, string, after))
}

/// The bytes of a string with its quotes.
fn string_length(json: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

/// What is behind the value at the beginning.
fn after_value(json: &str) -> &str {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_length(json.get(at..).unwrap_or_default());
                if depth == 0 {
                    break;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    at += 1;
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    json.get(at..).unwrap_or_default()
}

fn is_secret(key: &str) -> bool {
    // A key may be written with escapes, `\u0074oken`: it is one for whoever reads it.
    let key = serde_json::from_str::<String>(key).unwrap_or_else(|_| key.to_owned());
    Secret::is_named_by(&key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_hidden_wherever_it_stands() {
        let tuple = json!({
            "user": "ada", "password": "hunter2", "api_key": 7, "X-Api-Key": "hunter2", "n": [1, 2],
            "headers": [{"Authorization": "Bearer hunter2"}, {"set-cookie": "hunter2", "accept": "*/*"}],
            "accessToken": {"value": "hunter2", "more": ["}", "hunter2"]}, "secrets": ["hunter2", {"a": "]"}],
            "note": "the \"password\": is not here", "client_secret": null, "last": true,
        });

        let shown = redact(&tuple.to_string());

        assert!(!shown.contains("hunter2"), "{shown}");
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(
            shown,
            json!({
                "user": "ada", "password": "***", "api_key": "***", "X-Api-Key": "***", "n": [1, 2],
                "headers": [{"Authorization": "***"}, {"set-cookie": "***", "accept": "*/*"}],
                "accessToken": "***", "secrets": "***",
                "note": "the \"password\": is not here", "client_secret": "***", "last": true,
            })
        );
    }

    #[test]
    fn a_key_that_is_written_with_escapes_is_known() {
        assert_eq!(redact(r#"{"\u0074oken":"hunter2"}"#), r#"{"\u0074oken": "***"}"#);
    }

    #[test]
    fn a_tuple_without_secrets_stays_as_it_is() {
        for tuple in ["", "7", "\"password\"", "[1,\"a\"]", "{\"a\":{\"b\":[]}}", "{ \"a\" : \"b\" }"] {
            assert_eq!(redact(tuple), tuple);
        }
    }

    #[test]
    fn a_secret_in_a_tuple_that_breaks_off_anywhere_is_hidden() {
        let tuple = r#"{"a":"ä","token":{"b":"hunter2","c":["hunter2"]},"secret":"hun\"hunter2","d":1}"#;

        for end in (0..=tuple.len()).filter(|end| tuple.is_char_boundary(*end)) {
            let shown = redact(&tuple[..end]);
            assert!(!shown.contains("hun"), "{end}: {shown}");
        }
    }
}
