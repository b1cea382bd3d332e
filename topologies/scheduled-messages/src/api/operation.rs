//! One thing that the interface does: where, by what, and what is said of it.

use actix_web::Route;
use actix_web::http::Method;
use actix_web::web;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// One thing that the interface does.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    handler: fn(Route) -> Route,
    pub(super) headers: Vec<Header>,
    pub(super) query: Option<Describe>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
}

/// Writes the schema of a type.
pub(super) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// A header that a request may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) example: &'static str,
}

/// What a request brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) media_type: &'static str,
    pub(super) schema: Describe,
    /// As it is sent.
    pub(super) example: &'static str,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// `None` if there is no body.
    pub(super) content: Option<(&'static str, Describe)>,
}

const JSON: &str = "application/json";

const UNREADABLE: &str = "The request cannot be read.";

impl Operation {
    pub(super) fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        handler: fn(Route) -> Route,
    ) -> Self {
        let (headers, answers) = (Vec::new(), Vec::new());
        let operation =
            Self { method, path, id, summary, handler, headers, query: None, body: None, answers };
        let operation = operation.refuses(503, "It cannot be done now, but later.");
        if path.contains('{') { operation.refuses(404, "There is no such thing.") } else { operation }
    }

    pub(super) fn header(mut self, header: Header) -> Self {
        self.headers.push(header);
        self.refuses(400, UNREADABLE)
    }

    pub(super) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(|generator| T::json_schema(generator));
        self.refuses(400, UNREADABLE)
    }

    pub(super) fn takes<T: JsonSchema>(self, example: &'static str) -> Self {
        self.takes_as::<T>(JSON, example)
            .refuses(413, "The body is too large.")
            .refuses(422, "It makes no sense.")
    }

    pub(super) fn takes_as<T: JsonSchema>(mut self, media_type: &'static str, example: &'static str) -> Self {
        self.body = Some(Body { media_type, schema: |generator| generator.subschema_for::<T>(), example });
        self.refuses(400, UNREADABLE).refuses(415, "The body is of another media type.")
    }

    pub(super) fn answers<T: JsonSchema>(self, status: u16, about: &'static str) -> Self {
        self.answers_as::<T>(status, JSON, about)
    }

    pub(super) fn answers_as<T: JsonSchema>(
        mut self,
        status: u16,
        media_type: &'static str,
        about: &'static str,
    ) -> Self {
        let schema: Describe = |generator| generator.subschema_for::<T>();
        self.answers.push(Answer { status, about, content: Some((media_type, schema)) });
        self
    }

    pub(super) fn answers_nothing(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answer { status, about, content: None });
        self
    }

    /// Adds a problem that it answers with.
    pub(super) fn refuses(self, status: u16, about: &'static str) -> Self {
        self.answers_as::<super::trouble::Shape>(status, squall_ops::problem::MEDIA_TYPE, about)
    }

    pub(super) fn path(&self) -> &'static str {
        self.path
    }

    pub(super) fn route(&self) -> Route {
        (self.handler)(web::method(self.method.clone()))
    }
}
