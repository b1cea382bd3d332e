//! [`Operation`]: one thing that the interface does.

use actix_web::http::Method;
use actix_web::{Route, web};
use schemars::JsonSchema;

use super::answer::{Answer, Body};
use super::parameter::InPath;
use super::{Describe, Header, ProblemShape};
use crate::problem::MEDIA_TYPE;

/// One thing that the interface does: where, by what, and what is said of it.
///
/// ```
/// use actix_web::http::Method;
/// use actix_web::{HttpResponse, web};
/// use squall_ops::Problem;
/// use squall_ops::openapi::{Operation, schemars::JsonSchema};
///
/// #[derive(serde::Serialize, JsonSchema)]
/// # #[schemars(crate = "squall_ops::openapi::schemars")]
/// struct Letter {
///     text: String,
/// }
///
/// async fn show(number: web::Path<u32>) -> Result<HttpResponse, Problem> {
///     match *number {
///         1 => Ok(HttpResponse::Ok().json(Letter { text: "Hello".into() })),
///         other => Err(Problem::not_found(format!("There is no letter {other}."))),
///     }
/// }
///
/// let operation = Operation::new(
///     Method::GET, "/api/v1/letters/{number}", "getLetter", "Shows a letter.", |route| route.to(show),
/// )
/// .in_path("number", "The number of a letter.")
/// .answers::<Letter>(200, "As it was written.");
/// assert_eq!(operation.id(), "getLetter");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    handler: fn(Route) -> Route,
    pub(super) in_path: Vec<InPath>,
    pub(super) headers: Vec<Header>,
    pub(super) query: Option<Describe>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
}

const JSON: &str = "application/json";

const UNREADABLE: &str = "The request cannot be read.";

impl Operation {
    /// An operation at a path, such as `/api/v1/letters/{number}`; the handler is put on its route.
    ///
    /// `id` is unique among all operations of a process; programs that are made from the document call it by that name.
    /// That it may answer 503, and 404 if the path has a parameter, is said already.
    pub fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        handler: fn(Route) -> Route,
    ) -> Self {
        let operation = Self {
            method,
            path,
            id,
            summary,
            handler,
            in_path: Vec::new(),
            headers: Vec::new(),
            query: None,
            body: None,
            answers: Vec::new(),
        };
        let operation = operation.refuses(503, "It cannot be done now, but later.");
        if path.contains('{') { operation.refuses(404, "There is no such thing.") } else { operation }
    }

    /// Says what a parameter of the path is; without it the document has its name only.
    pub fn in_path(mut self, name: &'static str, about: &'static str) -> Self {
        self.in_path.push(InPath { name, about, kind: "string" });
        self
    }

    /// [`in_path`](Self::in_path) of a parameter that is a number from 0.
    pub fn number_in_path(mut self, name: &'static str, about: &'static str) -> Self {
        self.in_path.push(InPath { name, about, kind: "integer" });
        self
    }

    /// Adds a header that a request may have; one that cannot be read is a 400.
    pub fn header(mut self, header: Header) -> Self {
        self.headers.push(header);
        self.refuses(400, UNREADABLE)
    }

    /// The query has the fields of this type; one that cannot be read is a 400.
    pub fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(|generator| T::json_schema(generator));
        self.refuses(400, UNREADABLE)
    }

    /// The body is this type in JSON; `example` is one that is accepted.
    pub fn takes<T: JsonSchema>(self, example: &'static str) -> Self {
        self.takes_as::<T>(JSON, example)
            .refuses(408, "The body took too long to arrive.")
            .refuses(413, "The body is too large.")
            .refuses(422, "It makes no sense.")
    }

    /// The body is of this media type, and what is in it is described by this type.
    pub fn takes_as<T: JsonSchema>(mut self, media_type: &'static str, example: &'static str) -> Self {
        let schema: Describe = |generator| generator.subschema_for::<T>();
        self.body = Some(Body { media_type, schema, example, is_optional: false });
        self.refuses(400, UNREADABLE).refuses(415, "The body is of another media type.")
    }

    /// [`takes`](Self::takes), but a request may do without a body.
    pub fn may_take<T: JsonSchema>(self, example: &'static str) -> Self {
        let mut operation = self.takes::<T>(example);
        operation.body = operation.body.map(|body| Body { is_optional: true, ..body });
        operation
    }

    /// It answers with this type in JSON.
    pub fn answers<T: JsonSchema>(self, status: u16, about: &'static str) -> Self {
        self.answers_as::<T>(status, JSON, about)
    }

    /// It answers with another media type, and what is in it is described by this type. A media type that is said for
    /// the same status again is one more.
    pub fn answers_as<T: JsonSchema>(
        mut self,
        status: u16,
        media_type: &'static str,
        about: &'static str,
    ) -> Self {
        let schema: Describe = |generator| generator.subschema_for::<T>();
        self.answers.push(Answer { status, about, content: Some((media_type, schema)) });
        self
    }

    /// It answers without a body.
    pub fn answers_nothing(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answer { status, about, content: None });
        self
    }

    /// It may answer with a [`Problem`](crate::Problem) of this status. What is said last of a status holds.
    pub fn refuses(self, status: u16, about: &'static str) -> Self {
        self.answers_as::<ProblemShape>(status, MEDIA_TYPE, about)
    }

    /// Its name for programs.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Its method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Where it is.
    pub fn path(&self) -> &'static str {
        self.path
    }

    pub(super) fn route(&self) -> Route {
        (self.handler)(web::method(self.method.clone()))
    }
}
