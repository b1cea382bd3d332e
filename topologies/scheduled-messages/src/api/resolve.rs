//! Saying what became of a message of which nobody knows.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::Deserialize;
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::actor::Actor;
use super::change::{answer, apply, changing};
use super::message::id_of;
use super::version::IfMatch;
use crate::store::{Change, Store};

/// The longest receipt, in characters.
const RECEIPT_LIMIT: usize = 2048;

const EXAMPLE: &str = r#"{"as": "sent", "receipt": "https://example.org/posts/7"}"#;

pub(super) fn operations() -> Vec<Operation> {
    let resolve = Operation::new(
        Method::POST,
        "/api/v1/messages/{id}/resolve",
        "resolveMessage",
        "Says what became of a message that is `unconfirmed`, after a look at its destination.",
        |route| route.to(resolve),
    );
    vec![changing(resolve.takes::<Resolution>(EXAMPLE))]
}

/// What became of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// What somebody saw.
    pub(crate) r#as: Seen,
    /// Where it is, if it arrived and its address is known: at most 2048 characters.
    pub(crate) receipt: Option<String>,
}

/// What somebody saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seen {
    /// It arrived.
    Sent,
    /// It did not, and is to be sent.
    NotSent,
    /// Whatever became of it, it is not sent again.
    GiveUp,
}

impl Resolution {
    pub(crate) fn change(self) -> Result<Change, Problem> {
        let wrong = |detail: String| {
            Err(Problem::unprocessable("The message cannot be resolved.").fault("/receipt", detail))
        };
        match (self.r#as, self.receipt) {
            (Seen::Sent, Some(receipt)) if receipt.chars().any(char::is_control) => {
                wrong("has control characters; expected none".to_owned())
            }
            (Seen::Sent, Some(receipt)) if !(1..=RECEIPT_LIMIT).contains(&receipt.chars().count()) => {
                let length = receipt.chars().count();
                wrong(format!("has {length} characters; expected 1 to {RECEIPT_LIMIT}"))
            }
            (Seen::Sent, receipt) => Ok(Change::ResolveSent { receipt }),
            (_, Some(_)) => wrong("is given for what did not arrive; expected none".to_owned()),
            (Seen::NotSent, None) => Ok(Change::ResolveResend),
            (Seen::GiveUp, None) => Ok(Change::ResolveDead),
        }
    }
}

async fn resolve(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
    JsonBody(resolution): JsonBody<Resolution>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let changed = apply(&store, id, resolution.change()?, if_match.0, &who).await?;
    answer(changed, id, "resolved", None)
}
