//! What an HTTP answer means for a message.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use squall_connect::http::{Answer, Error, ErrorKind};

use super::{Outcome, RateHints, Reply, Scope};

/// The longest pause a receiver may ask for: a mistaken header must not bury a message.
const RETRY_AFTER_LIMIT: Duration = Duration::from_secs(3600);

/// How much of an answer is kept beside the message, in characters.
const EXCERPT: usize = 200;

/// Tells what an answer means.
pub(super) fn judge(answer: &Answer, now: Timestamp) -> Reply {
    let retry_after = retry_after(&answer.headers, now);
    let error = describe(answer);
    let outcome = match answer.status.as_u16() {
        200..300 => Outcome::Accepted { receipt: None },
        // Timeout of the request, too early, too many: the receiver itself says "not now".
        408 | 425 | 429 => Outcome::Busy { error, after: retry_after, scope: Scope::Destination },
        300..500 => Outcome::Refused { error },
        _ => Outcome::Unknown { error },
    };
    Reply { outcome, hints: RateHints { retry_after, ..RateHints::default() } }
}

/// Tells what it means that no answer came.
pub(super) fn missing(error: &Error) -> Reply {
    let outcome = match error.kind() {
        ErrorKind::Request => Outcome::Refused { error: error.to_string() },
        // Nothing was sent.
        ErrorKind::Connect => {
            Outcome::Busy { error: error.to_string(), after: None, scope: Scope::Destination }
        }
        _ => Outcome::Unknown { error: error.to_string() },
    };
    outcome.into()
}

fn describe(answer: &Answer) -> String {
    let Answer { status, body, .. } = answer;
    let redirected = if status.is_redirection() { ", and redirects are not followed" } else { "" };
    let excerpt: String = String::from_utf8_lossy(body)
        .chars()
        .take(EXCERPT)
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    match excerpt.trim() {
        "" => format!("answered {}{redirected}", line(*status)),
        excerpt => format!("answered {}{redirected}: {excerpt}", line(*status)),
    }
}

fn line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Reads `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = rfc2822::parse(value).ok()?.timestamp();
            Duration::try_from(date.duration_since(now)).unwrap_or_default()
        }
    };
    Some(asked.min(RETRY_AFTER_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: body.into(), is_whole: true }
    }

    fn judge(answer: &Answer) -> Outcome {
        super::judge(answer, "2015-10-21T07:27:00Z".parse().unwrap()).outcome
    }

    #[test]
    fn only_a_2xx_is_a_delivery() {
        for status in [200, 201, 202, 204] {
            assert_eq!(judge(&answer(status, None, "")), Outcome::Accepted { receipt: None });
        }
    }

    #[test]
    fn not_now_is_told_apart_from_nobody_knows() {
        for status in [408, 425, 429] {
            assert!(
                matches!(judge(&answer(status, None, "")), Outcome::Busy { after: None, .. }),
                "{status}"
            );
        }
        for status in [500, 502, 503, 504, 599] {
            assert!(matches!(judge(&answer(status, None, "")), Outcome::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn all_else_is_final() {
        for status in [301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422] {
            assert!(matches!(judge(&answer(status, None, "")), Outcome::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_heeded_up_to_an_hour() {
        for (value, seconds) in [
            ("7", Some(7)),
            ("999999999", Some(3600)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:20:00 GMT", Some(0)),
            ("soon", None),
        ] {
            let Outcome::Busy { after, .. } = judge(&answer(429, Some(value), "")) else { panic!() };
            assert_eq!(after, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn an_error_quotes_the_answer_without_its_control_characters() {
        let Outcome::Refused { error } = judge(&answer(404, None, "no\r\nsuch\x1b[31m hook")) else {
            panic!()
        };

        assert_eq!(error, "answered 404 Not Found: no  such [31m hook");
    }
}
