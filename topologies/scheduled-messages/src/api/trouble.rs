//! What is answered when something is not done.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use squall_connect::sql::{Error, ErrorKind};
use squall_ops::Problem;

/// The shape of a problem with a change of a message, for the document.
pub(super) struct Shape;

impl JsonSchema for Shape {
    fn schema_name() -> Cow<'static, str> {
        "MessageProblem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let instant = "date-time";
        json_schema!({
            "description": "What is wrong, as RFC 9457 has it.",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {
                    "type": "string",
                    "description": "A name for programs: `about:blank`, `/problems/too-late`, `/problems/already-sent`, \
                                    `/problems/not-possible`, `/problems/outdated` or `/problems/key-taken`. It is no address."
                },
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "What happened and what to do, in sentences."},
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
                },
                "state": {"type": "string", "description": "The state of the message."},
                "version": {"type": "integer", "description": "The version of the message."},
                "by": {"type": ["string", "null"], "description": "Too late: the process that is sending it."},
                "since": {"type": "string", "format": instant, "description": "Too late: when that attempt began."},
                "sent_at": {"type": ["string", "null"], "format": instant, "description": "Already sent: when."},
                "receipt": {"type": ["string", "null"], "description": "Already sent: where it is."}
            }
        })
    }
}

/// A problem that programs know by its name.
pub(super) fn named(status: StatusCode, name: &str, title: &str, detail: impl Into<String>) -> Problem {
    Problem::new(status, detail).kind(format!("/problems/{name}"), title)
}

/// Tells the caller to come back, and the operator why.
pub(crate) fn unavailable(error: &Error) -> Problem {
    tracing::error!(%error, "A request could not be served.");
    Problem::unavailable("The messages cannot be reached just now; nothing was changed. Try again.")
}

/// [`unavailable`], for what was to be written: a connection that breaks off takes the answer with it.
pub(super) fn unwritten(error: &Error) -> Problem {
    match error.kind() {
        ErrorKind::Away | ErrorKind::Closed | ErrorKind::Other => {
            tracing::error!(%error, "Nobody knows whether a request was served.");
            Problem::unavailable(
                "The messages cannot be reached just now, and nobody knows whether this was done. Look, or try again.",
            )
        }
        _ => unavailable(error),
    }
}

/// What somebody sent, fit to be repeated to them: short, and without signs that could do something.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 64;
    let is_plain = |char: &char| {
        !char.is_control()
            && !matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String = text.chars().filter(is_plain).take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A query that makes no sense.
pub(super) fn bad_query(parameter: &str, given: &str, expected: &str) -> Problem {
    let given = shown(given);
    Problem::bad_request(format!("The parameter `{parameter}` is `{given}`; expected {expected}."))
}
