//! What somebody looked at, as `ETag` and `If-Match` have it: so that of two operators the later one notices.

use std::future::{Ready, ready};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest, dev};
use squall_topology::Plan;

use crate::Problem;
use crate::openapi::Header;

pub(super) const HEADER: Header = Header {
    name: "If-Match",
    about: "The `ETag` of what you looked at: if something else holds by now, nothing is changed (412). Without it the \
            last change wins.",
    example: "*",
};

/// The version that a change is meant for; none if it is meant for any.
#[derive(Clone, Debug, Default)]
pub(crate) struct IfMatch(pub(crate) Option<String>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut tags = request.headers().get_all(IF_MATCH);
        ready(match (tags.next(), tags.next()) {
            (None, _) => Ok(Self(None)),
            (Some(tag), None) => tag.to_str().ok().and_then(read).ok_or_else(unreadable),
            (Some(_), Some(_)) => Err(unreadable()),
        })
    }
}

fn unreadable() -> Problem {
    Problem::bad_request("The header If-Match must be one ETag with its quotes, or *.")
}

fn read(text: &str) -> Option<IfMatch> {
    if text.trim() == "*" {
        return Some(IfMatch(None));
    }
    // A proxy that compresses answers makes a tag weak; what it stands for is the same.
    let tag = text.trim().strip_prefix("W/").unwrap_or(text.trim()).strip_prefix('"')?.strip_suffix('"')?;
    (!tag.contains('"')).then(|| IfMatch(Some(tag.to_owned())))
}

/// A version as a header.
pub(super) fn etag(version: &str) -> String {
    format!("\"{version}\"")
}

/// What stands for all numbers of a plan.
pub(crate) fn of(plan: &Plan) -> String {
    let mut hasher = DefaultHasher::new();
    // Two plans of one topology differ in settings only.
    format!("{:?}", plan.settings()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Somebody changed it since.
pub(super) fn outdated(now: &str) -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        format!(
            "Something else holds by now (ETag \"{now}\"); nothing was changed. Look again, then decide."
        ),
    )
    .kind("/problems/outdated", "Outdated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_with_its_quotes_only() {
        let tag = |text| read(text).map(|IfMatch(tag)| tag);

        assert_eq!(tag("\"ab\""), Some(Some("ab".to_owned())));
        assert_eq!(tag("W/\"ab\""), Some(Some("ab".to_owned())));
        assert_eq!(tag("*"), Some(None));
        for wrong in ["", "ab", "\"ab", "\"a\", \"b\"", "\""] {
            assert_eq!(tag(wrong), None, "{wrong}");
        }
    }
}
