//! HTTP answers, and missing ones, in words.

use reqwest::header::LOCATION;
use reqwest::{StatusCode, Url};
use squall_connect::http::{Answer, Error, ErrorKind};

use super::{Outcome, Scope};

/// How much of an answer is kept beside the message, in characters.
const EXCERPT: usize = 200;

/// What it means for a message that no answer to its request came.
pub(super) fn missing(error: &Error) -> Outcome {
    let words = error.to_string();
    match error.kind() {
        ErrorKind::Request => Outcome::Refused { error: words },
        ErrorKind::NotPublic => Outcome::Refused {
            error: format!("{words}; if the destination is meant to be there, set `private = true` for it"),
        },
        // Nothing was sent.
        ErrorKind::Connect => Outcome::Busy { error: words, after: None, scope: Scope::Destination },
        _ => Outcome::Unknown { error: words },
    }
}

/// Says what came back.
pub(super) fn describe(answer: &Answer) -> String {
    let said = excerpt(&String::from_utf8_lossy(&answer.body));
    let status = line(answer.status);
    let redirect = redirect(answer);
    match said.as_str() {
        "" => format!("answered {status}{redirect}"),
        said => format!("answered {status}{redirect}: {said}"),
    }
}

/// What a stranger said, short and without what would move a cursor.
pub(super) fn excerpt(said: &str) -> String {
    let said: String =
        said.chars().take(EXCERPT).map(|char| if char.is_control() { ' ' } else { char }).collect();
    said.trim().to_owned()
}

pub(super) fn line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Names the host only: the rest may carry a token.
fn redirect(answer: &Answer) -> String {
    if !answer.status.is_redirection() {
        return String::new();
    }
    let location = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let url = location.and_then(|location| Url::parse(location).ok());
    match url.as_ref().and_then(Url::host_str) {
        Some(host) => format!("; redirects are refused, this one leads to `{}`", excerpt(host)),
        None => "; redirects are refused".to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use reqwest::header::{HeaderMap, HeaderName};

    use super::*;

    pub(in super::super) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: body.into(), is_whole: true }
    }

    #[test]
    fn an_answer_is_quoted_without_its_control_characters() {
        let said = describe(&answer(404, &[], "no\r\nsuch\x1b[31m hook"));

        assert_eq!(said, "answered 404 Not Found: no  such [31m hook");
        assert_eq!(describe(&answer(599, &[], &"x".repeat(1000))).len(), "answered 599: ".len() + 200);
    }

    #[test]
    fn a_redirect_is_named_by_its_host_alone() {
        let said = describe(&answer(302, &[("location", "http://10.0.0.1/admin?token=secret")], ""));

        assert_eq!(said, "answered 302 Found; redirects are refused, this one leads to `10.0.0.1`");
        assert_eq!(describe(&answer(307, &[], "")), "answered 307 Temporary Redirect; redirects are refused");
    }
}
