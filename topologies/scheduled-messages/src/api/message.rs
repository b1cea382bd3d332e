//! Scheduling a message, and looking at one.

use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::actor::{self, Actor};
use super::draft::{Checked, Draft, note};
use super::key::{self, Key};
use super::trouble::{named, shown, unavailable, unwritten};
use super::{PATH, version};
use crate::destination::Destinations;
use crate::message::{Message, MessageId};
use crate::store::{Inserted, Request, Store};

const ONE: &str = "/api/v1/messages/{id}";

const EXAMPLE: &str =
    r#"{"account": "me", "destination": "inbox", "text": "Hello", "in": "1h", "not_after": "10m"}"#;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::POST, PATH, "createMessage", "Schedules a message.", |route| route.to(create))
            .header(key::HEADER)
            .header(actor::HEADER)
            .takes::<Draft>(EXAMPLE)
            .answers::<Created>(201, "It is stored.")
            .answers::<Created>(200, "The same request stored it before; this is how it stands now.")
            .refuses(409, "Another request had the same key."),
        Operation::new(Method::GET, ONE, "getMessage", "Shows a message.", |route| route.to(show))
            .answers::<Message>(200, "As it stands; `ETag` is its version."),
    ]
}

/// A message that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
struct Created {
    #[serde(flatten)]
    message: Message,
    /// What became of the wall time, if clocks skip or repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn create(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    Key(in_header): Key,
    Actor(who): Actor,
    JsonBody(mut draft): JsonBody<Draft>,
) -> Result<HttpResponse, Problem> {
    let key = one_key(in_header, draft.idempotency_key.take())?;
    let (inserted, note) = schedule(&store, &destinations, draft, key, &who).await?;
    created(inserted, note)
}

/// Stores a message, unless the request with this key did so before; also says what became of its wall time.
pub(crate) async fn schedule(
    store: &Store,
    destinations: &Destinations,
    draft: Draft,
    key: Option<String>,
    who: &str,
) -> Result<(Inserted, Option<String>), Problem> {
    let request = key.map(|key| request(&draft, key)).transpose()?;
    // Before it is checked: a repetition may come when the instant has passed.
    if let Some(request) = &request
        && let Some(known) = store.known(request.clone()).await.map_err(|error| unavailable(&error))?
    {
        return Ok((known, None));
    }
    let Checked { message, note: became } = draft.check(store.now(), destinations)?;
    let inserted = store.insert_once(message, request, who).await.map_err(|error| unwritten(&error))?;
    Ok((inserted, note(became)))
}

fn one_key(in_header: Option<String>, in_body: Option<String>) -> Result<Option<String>, Problem> {
    match (in_header, in_body) {
        (Some(one), Some(other)) if one != other => Err(Problem::unprocessable("The message has two keys.")
            .fault(
                "/idempotency_key",
                format!("is another one than the header {}; expected one of the two", key::NAME),
            )),
        (None, Some(key)) => {
            match key::key(&key) {
                Ok(()) => Ok(Some(key)),
                Err(fault) => Err(Problem::unprocessable("The message cannot be scheduled.")
                    .fault("/idempotency_key", fault)),
            }
        }
        (key, _) => Ok(key),
    }
}

/// What a draft asks for, by which a repetition is known.
pub(super) fn request(draft: &Draft, key: String) -> Result<Request, Problem> {
    let content = serde_json::to_string(draft).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Request { key, content })
}

/// Another request had the same key.
pub(crate) fn taken() -> Problem {
    named(
        actix_web::http::StatusCode::CONFLICT,
        "key-taken",
        "Key taken",
        format!(
            "Another message was asked for with this {}; nothing was stored. Use a new key for each message.",
            key::NAME
        ),
    )
}

fn created(inserted: Inserted, note: Option<String>) -> Result<HttpResponse, Problem> {
    let (mut answer, message) = match inserted {
        Inserted::New(message) => (HttpResponse::Created(), message),
        Inserted::Known(message) => (HttpResponse::Ok(), message),
        Inserted::Taken => return Err(taken()),
    };
    version::tag(&mut answer, &message);
    Ok(answer.insert_header((LOCATION, format!("{PATH}/{}", message.id))).json(Created { message, note }))
}

async fn show(store: web::Data<Store>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let message = find(&store, id_of(&id)?).await?;
    let mut answer: HttpResponseBuilder = HttpResponse::Ok();
    version::tag(&mut answer, &message);
    Ok(answer.json(message))
}

/// The message with this id.
pub(crate) async fn find(store: &Store, id: MessageId) -> Result<Message, Problem> {
    store.get(id).await.map_err(|error| unavailable(&error))?.ok_or_else(|| missing(id))
}

pub(super) fn missing(id: MessageId) -> Problem {
    Problem::not_found(format!("There is no message {id}."))
}

/// Reads an id.
pub(crate) fn id_of(text: &str) -> Result<MessageId, Problem> {
    MessageId::parse(text).ok_or_else(|| {
        let text = shown(text);
        Problem::not_found(format!(
            "`{text}` is not the id of a message, which looks like 01890a5d-ac96-774b-bcce-b302099a8057."
        ))
    })
}
