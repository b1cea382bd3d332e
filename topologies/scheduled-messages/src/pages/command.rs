//! What to type in a shell to the same effect.

use serde_json::Value;

/// The request that does what a form does, with nothing that a shell would take for its own.
pub(super) fn curl(method: &str, base_url: &str, path: &str, body: Option<&Value>) -> String {
    let url = quoted(&format!("{base_url}{path}"));
    match body {
        None => format!("curl -X {method} {url}"),
        Some(body) => {
            let body = quoted(&body.to_string());
            format!("curl -X {method} {url} -H 'content-type: application/json' -d {body}")
        }
    }
}

/// A word for the shell, whatever is in it.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.,_-%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_was_typed_is_a_command() {
        let body = json!({"text": "it's; rm -rf $(x) `y`"});

        assert_eq!(
            curl("POST", "http://127.0.0.1:8090", "/api/v1/messages", Some(&body)),
            r#"curl -X POST http://127.0.0.1:8090/api/v1/messages -H 'content-type: application/json' -d '{"text":"it'\''s; rm -rf $(x) `y`"}'"#
        );
    }
}
