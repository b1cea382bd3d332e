//! What happened to a message.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::Problem;
use squall_ops::openapi::Operation;

use super::message::{find, id_of};
use super::trouble::unavailable;
use crate::message::Message;
use crate::state::State;
use crate::store::{Happening, Store};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/messages/{id}/trail",
            "getTrail",
            "Tells what happened to a message: who did what, when, and every attempt.",
            |route| route.to(trail),
        )
        .answers::<Trail>(200, "All of it, oldest first; of more than a thousand happenings the latest."),
    ]
}

/// What happened to a message.
#[derive(Debug, Serialize, JsonSchema)]
struct Trail {
    trail: Vec<Happening>,
}

async fn trail(store: web::Data<Store>, id: web::Path<String>) -> Result<web::Json<Trail>, Problem> {
    let message = find(&store, id_of(&id)?).await?;
    Ok(web::Json(Trail { trail: of(&store, &message).await? }))
}

/// All that happened to a message, oldest first.
pub(crate) async fn of(store: &Store, message: &Message) -> Result<Vec<Happening>, Problem> {
    let happenings = store.trail(message.id).await.map_err(|error| unavailable(&error))?;
    let under_way = under_way(message, &happenings);
    Ok(std::iter::once(created(message)).chain(happenings).chain(under_way).collect())
}

fn created(message: &Message) -> Happening {
    Happening {
        at: message.created_at,
        who: message.created_by.clone(),
        what: "created".to_owned(),
        attempt: None,
        began_at: None,
        detail: None,
    }
}

/// The attempt that is under way, unless it has ended since the message was read.
fn under_way(message: &Message, happenings: &[Happening]) -> Option<Happening> {
    let began_at = message.began_at.filter(|_| message.state == State::Sending)?;
    if happenings.iter().any(|happening| happening.began_at == Some(began_at)) {
        return None;
    }
    Some(Happening {
        at: began_at,
        who: message.owner.clone().unwrap_or_default(),
        what: "sending".to_owned(),
        attempt: Some(message.attempts),
        began_at: Some(began_at),
        detail: None,
    })
}
