//! The shape of a problem, for the document.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// The shape of every [`Problem`](crate::Problem), for the document.
///
/// ```
/// use squall_ops::openapi::{ProblemShape, schemars::schema_for};
///
/// let schema = schema_for!(ProblemShape);
/// assert_eq!(schema.get("type").unwrap(), "object");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ProblemShape;

impl JsonSchema for ProblemShape {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What is wrong, as RFC 9457 has it. Some types have members of their own.",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {
                    "type": "string",
                    "description": "A name for programs, such as `about:blank` or `/problems/outdated`. It is no address."
                },
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "What happened and what to do, in sentences."},
                "instance": {"type": "string", "description": "The path of what is concerned."},
                "errors": {
                    "type": "array",
                    "description": "Everything that is wrong with the body.",
                    "items": {
                        "type": "object",
                        "required": ["pointer", "detail"],
                        "properties": {
                            "pointer": {"type": "string", "description": "A JSON pointer into the body."},
                            "detail": {"type": "string"}
                        }
                    }
                }
            }
        })
    }
}
