//! [`Api`]: all operations of a server, as routes and as a document.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use tracing::error;

use super::document::{self, Info};
use super::{DOCUMENT_PATH, Operation, Operations};

/// All operations of a server, as routes and as a document.
///
/// The `squall` binary makes one of everything that it runs; a server of one's own makes one like this:
///
/// ```
/// use actix_web::App;
/// use squall_ops::openapi::{Api, Operations};
///
/// # let operations = Operations::default();
/// let api = Api::new("Letters", "0.1.0", "Letters that are kept.").add("letters", "What is kept.", operations);
/// let app = App::new()
///     .configure(squall_ops::problem::extractors)
///     .configure(|site| api.routes(site));
/// # assert!(api.document().contains("\"title\":\"Letters\""));
/// # drop(app);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Api {
    info: Info,
    parts: Vec<Part>,
}

/// What one owner brings.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) tag: String,
    pub(super) about: String,
    pub(super) operations: Operations,
}

impl Api {
    /// Nothing but the document.
    pub fn new(title: impl Into<String>, version: impl Into<String>, about: impl Into<String>) -> Self {
        let info = Info { title: title.into(), version: version.into(), about: about.into() };
        let show = Operation::new(
            Method::GET,
            DOCUMENT_PATH,
            "getDocument",
            "Describes this interface, as OpenAPI 3.1 has it.",
            |route| route.to(show),
        )
        .answers::<serde_json::Map<String, serde_json::Value>>(200, "This document.");
        let (tag, about) = ("document".to_owned(), "This document.".to_owned());
        Self { info, parts: vec![Part { tag, about, operations: Operations::new([show]) }] }
    }

    /// Adds what one owner brings, under a tag of its own.
    ///
    /// An operation whose name, or whose method and path, is taken already is left out, and the log says so.
    pub fn add(
        mut self,
        tag: impl Into<String>,
        about: impl Into<String>,
        operations: impl Into<Operations>,
    ) -> Self {
        let (tag, about, mut operations) = (tag.into(), about.into(), operations.into());
        let mut ids: BTreeSet<&str> = self.operations().map(Operation::id).collect();
        let mut places: BTreeSet<_> = self.operations().map(place).collect();
        operations.retain(|operation| {
            let is_new = !ids.contains(operation.id) && places.insert(place(operation));
            ids.insert(operation.id);
            if !is_new {
                error!(
                    of = tag,
                    operation = operation.id,
                    "Operation left out: its name or its path is taken."
                );
            }
            is_new
        });
        self.parts.push(Part { tag, about, operations });
        self
    }

    /// Adds the routes of all operations to a server, and the document.
    pub fn routes(&self, site: &mut web::ServiceConfig) {
        let mut resources = BTreeMap::new();
        for part in &self.parts {
            let mut own = BTreeSet::new();
            for operation in part.operations.iter() {
                let path = operation.path;
                let resource = resources.remove(path).unwrap_or_else(|| web::resource(path));
                // Two owners may have a path in common, with other methods: both find there what they share.
                let resource = if own.insert(path) { part.operations.equip(resource) } else { resource };
                resources.insert(path, resource.route(operation.route()));
            }
        }
        if let Some(resource) = resources.remove(DOCUMENT_PATH) {
            resources.insert(DOCUMENT_PATH, resource.app_data(web::Data::new(Document(self.document()))));
        }
        // In the order of their paths, in which a word comes before a parameter: `bulk` is not an id.
        resources.into_values().for_each(|resource| {
            site.service(resource);
        });
    }

    /// The document, as JSON.
    #[must_use]
    pub fn document(&self) -> String {
        document::of(&self.info, &self.parts).to_string()
    }

    /// All operations, in the order of their owners.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.parts.iter().flat_map(|part| part.operations.iter())
    }
}

fn place(operation: &Operation) -> (&'static str, String) {
    (operation.path, operation.method.to_string())
}

/// The document as it is sent.
#[derive(Debug)]
struct Document(String);

async fn show(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.0.clone())
}
