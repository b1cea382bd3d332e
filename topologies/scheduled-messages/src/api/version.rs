//! The version of a message, as `ETag` and `If-Match` have it.

use std::future::{Ready, ready};

use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponseBuilder, dev};
use squall_ops::Problem;
use squall_ops::openapi::Header;

use crate::message::Message;

pub(super) const HEADER: Header = Header {
    name: "If-Match",
    about: "The `ETag` as you know it: if it has another one now, nothing is changed (412). \
            Without it the last change wins.",
    example: "\"v1\"",
};

/// No message has it: versions begin at one.
const NONE: i64 = 0;

/// The version that a change is meant for.
#[derive(Clone, Copy, Debug)]
pub(super) struct IfMatch(pub(super) Option<i64>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut tags = request.headers().get_all(IF_MATCH);
        ready(match (tags.next(), tags.next()) {
            (None, _) => Ok(Self(None)),
            (Some(tag), None) => tag.to_str().ok().and_then(read).map(Self).ok_or_else(unreadable),
            (Some(_), Some(_)) => Err(unreadable()),
        })
    }
}

fn unreadable() -> Problem {
    Problem::bad_request("The header If-Match must be one ETag, such as \"v3\" with its quotes, or *.")
}

/// Reads one tag; `Some(None)` is any version.
fn read(text: &str) -> Option<Option<i64>> {
    if text == "*" {
        return Some(None);
    }
    // A proxy that compresses answers makes a tag weak; the version in it is the same.
    let tag = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.strip_suffix('"')?;
    if tag.contains('"') {
        return None;
    }
    let digits = tag.strip_prefix('v').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    // A tag of something else is the version of no message.
    Some(Some(digits.and_then(|digits| digits.parse().ok()).unwrap_or(NONE)))
}

/// Adds the `ETag` of a message to an answer.
pub(super) fn tag(answer: &mut HttpResponseBuilder, message: &Message) {
    answer.insert_header((ETAG, etag(message)));
}

pub(super) fn etag(message: &Message) -> String {
    format!("\"v{}\"", message.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_version() {
        assert_eq!(read("\"v3\""), Some(Some(3)));
        assert_eq!(read("W/\"v3\""), Some(Some(3)));
        assert_eq!(read("*"), Some(None));
    }

    #[test]
    fn a_tag_of_something_else_is_no_version() {
        for tag in ["\"abc\"", "\"v\"", "\"v-1\"", "\"v99999999999999999999\"", "\"\""] {
            assert_eq!(read(tag), Some(Some(NONE)), "{tag}");
        }
    }

    #[test]
    fn what_is_no_tag_is_not_read() {
        for text in ["", "v3", "3", "\"v3", "\"v3\", \"v4\"", "\""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
