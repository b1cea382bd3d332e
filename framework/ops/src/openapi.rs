//! What is answered below `/api/v1`: one list, from which come the routes and the document that describes them.
//!
//! An [`Operation`] says where it is, what it takes, what it answers, and which handler does it. Topologies hand theirs
//! over with [`Prepared::operations`](crate::Prepared::operations), together with what the handlers share; all
//! operations of a process are described by the one OpenAPI 3.1 document at [`DOCUMENT_PATH`]. So neither the server nor
//! the document has what the other has not.

mod answer;
mod api;
mod document;
mod operation;
mod operations;
mod parameter;
mod problem;
#[cfg(test)]
mod tests;

pub use api::Api;
pub use operation::Operation;
pub use operations::Operations;
pub use parameter::{ACTOR, Header};
pub use problem::ProblemShape;
/// What schemas of bodies, queries and answers are made with.
pub use schemars;

/// Where the document is.
pub const DOCUMENT_PATH: &str = "/api/v1/openapi.json";

use schemars::{Schema, SchemaGenerator};

/// Writes the schema of a type.
type Describe = fn(&mut SchemaGenerator) -> Schema;
