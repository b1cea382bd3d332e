//! Errors over HTTP: `application/problem+json`, as RFC 9457 has it.

mod body;
mod extract;

pub use body::{BODY_LIMIT, JsonBody};
pub use extract::{answer_as_problems, extractors};

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

/// The media type of a [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An answer that says what was wrong, where, and what was expected.
///
/// ```
/// use actix_web::ResponseError;
/// use squall_ops::Problem;
///
/// let problem = Problem::unprocessable("The message cannot be scheduled.")
///     .fault("/due_at", "lies in the past; give an instant to come, such as 2031-01-01T09:00:00Z");
///
/// assert_eq!(problem.error_response().status(), 422);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    // Boxed: it is the error of handlers' results, which should stay small.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Inner {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[serde(serialize_with = "code")]
    status: StatusCode,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(flatten)]
    members: BTreeMap<&'static str, serde_json::Value>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer into the body (RFC 6901), such as `/due_at`; empty for the body as a whole.
    pub pointer: String,
    /// What is wrong there, and what was expected.
    pub detail: String,
}

impl Problem {
    /// A problem of the kind that its status names (`about:blank`).
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind: "about:blank".to_owned(),
                title: status.canonical_reason().unwrap_or("Error").to_owned(),
                status,
                detail: detail.into(),
                instance: None,
                errors: Vec::new(),
                members: BTreeMap::new(),
            }),
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 409: the request does not go with the state that the thing is in.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 413: the body is larger than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The body may have at most {limit} bytes."))
    }

    /// 422: the request can be read, but what it asks for makes no sense. Add each [`fault`](Self::fault).
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 500: the request is fine, the server is not. `detail` is seen by the caller: no paths, no secrets.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// 503: it cannot be done now, but later.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Names the kind of problem by a URI that programs can compare, and a title that goes with it.
    #[must_use]
    pub fn kind(mut self, uri: impl Into<String>, title: impl Into<String>) -> Self {
        self.inner.kind = uri.into();
        self.inner.title = title.into();
        self
    }

    /// Names this occurrence by a URI, mostly the path of the thing that is concerned.
    #[must_use]
    pub fn instance(mut self, uri: impl Into<String>) -> Self {
        self.inner.instance = Some(uri.into());
        self
    }

    /// Adds one thing that is wrong with the body, at a JSON pointer such as `/due_at`.
    #[must_use]
    pub fn fault(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.inner.errors.push(Fault { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// Adds a member of its own, for programs that know this kind of problem.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.inner.members.insert(name, value.into());
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// The kind of problem, in a few words.
    pub fn title(&self) -> &str {
        &self.inner.title
    }

    /// What happened, in a sentence.
    pub fn detail(&self) -> &str {
        &self.inner.detail
    }

    /// What is wrong with the body, each thing by itself.
    pub fn faults(&self) -> &[Fault] {
        &self.inner.errors
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(&self.inner).unwrap_or_else(|_| r#"{"type":"about:blank"}"#.to_owned())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.inner.title, self.inner.detail)?;
        for Fault { pointer, detail } in &self.inner.errors {
            write!(f, " [{pointer}: {detail}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// The members that it is answered with, for answers that hold several.
impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(serializer)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.inner.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.inner.status).content_type(MEDIA_TYPE).body(self.to_json())
    }
}

fn code<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_the_rfc() {
        let problem = Problem::unprocessable("No.").instance("/api/v1/messages").fault("/text", "is empty");

        let json: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();

        assert_eq!(
            json,
            serde_json::json!({
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "No.",
                "instance": "/api/v1/messages",
                "errors": [{"pointer": "/text", "detail": "is empty"}],
            })
        );
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let json = Problem::not_found("No such message.").to_json();

        assert!(!json.contains("errors") && !json.contains("instance"), "{json}");
    }
}
