//! Changing a message, and answering with what is so.

use actix_web::http::header::ETAG;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError as _, web};
use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::MEDIA_TYPE;

use super::actor::{self, Actor};
use super::message::{find, id_of, missing};
use super::trouble::{Shape, named, unwritten};
use super::version::{self, IfMatch, etag};
use crate::message::{Message, MessageId};
use crate::state::State;
use crate::store::{Change, Changed, Store};

pub(super) fn operations() -> Vec<Operation> {
    let cancel = Operation::new(
        Method::POST,
        "/api/v1/messages/{id}/cancel",
        "cancelMessage",
        "Takes a message back, if it is not too late.",
        |route| route.to(cancel),
    );
    let send_now = Operation::new(
        Method::POST,
        "/api/v1/messages/{id}/send-now",
        "sendMessageNow",
        "Sends a message at once, although it is not due, or was given up.",
        |route| route.to(send_now),
    );
    let retry = Operation::new(
        Method::POST,
        "/api/v1/messages/{id}/retry",
        "retryMessage",
        "Sends a message once more that is dead or expired, and one that waits for its next attempt at once.",
        |route| route.to(retried),
    );
    vec![changing(cancel), changing(send_now), changing(retry)]
}

/// Says what every change takes and answers.
pub(super) fn changing(operation: Operation) -> Operation {
    operation
        .header(version::HEADER)
        .header(actor::HEADER)
        .answers::<Answer>(200, "It is done; this is the message now.")
        .answers_as::<Shape>(
            409,
            MEDIA_TYPE,
            "`/problems/too-late`, `/problems/already-sent` or `/problems/not-possible`: nothing was changed.",
        )
        .answers_as::<Shape>(
            412,
            MEDIA_TYPE,
            "The message has another version now, which `ETag` names: nothing was changed.",
        )
}

/// A message after a change.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChangedMessage")]
pub(super) struct Answer {
    result: Done,
    #[serde(flatten)]
    message: Message,
    /// What became of the wall time, if clocks skip or repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Done {
    /// What was asked for.
    Updated,
    /// No further attempt is made, but nobody knows whether the last one arrived.
    Stopped,
}

async fn cancel(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let changed = apply(&store, id, Change::Cancel, if_match.0, &who).await?;
    answer(changed, id, "cancelled", None)
}

async fn send_now(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let changed = apply(&store, id, Change::SendNow, if_match.0, &who).await?;
    answer(changed, id, "sent now", None)
}

/// How often a change is made anew because somebody else made one meanwhile.
pub(super) const TRIES: usize = 16;

async fn retried(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    answer(retry(&store, id, if_match.0, &who).await?, id, "retried", None)
}

/// Sends a message once more, unless it waits for its first attempt.
pub(super) async fn retry(
    store: &Store,
    id: MessageId,
    version: Option<i64>,
    who: &str,
) -> Result<Changed, Problem> {
    for _ in 0..TRIES {
        let message = find(store, id).await?;
        // What was not tried waits for its own time; only `send-now` does not mind.
        let is_first = message.attempts == 0 && matches!(message.state, State::Scheduled | State::Claimed);
        if is_first && version.is_none_or(|version| version == message.version) {
            return Ok(Changed::NotPossible(message));
        }
        let wanted = version.unwrap_or(message.version);
        match apply(store, id, Change::SendNow, Some(wanted), who).await? {
            Changed::Outdated(_) if version.is_none() => {}
            changed => return Ok(changed),
        }
    }
    Err(contended(id))
}

/// Others change it faster than this request can.
pub(super) fn contended(id: MessageId) -> Problem {
    Problem::unavailable(format!(
        "Others are changing the message {id} all the time; nothing was changed. Try again."
    ))
}

pub(super) async fn apply(
    store: &Store,
    id: MessageId,
    change: Change,
    version: Option<i64>,
    who: &str,
) -> Result<Changed, Problem> {
    store.change(id, change, version, who).await.map_err(|error| unwritten(&error))
}

/// Answers with what became of a change; `done` is what the message was to be.
pub(super) fn answer(
    changed: Changed,
    id: MessageId,
    done: &str,
    note: Option<String>,
) -> Result<HttpResponse, Problem> {
    if let Changed::Outdated(message) = &changed {
        return Ok(tagged(&outdated(message), message));
    }
    let message = settled(changed, id, done)?;
    let result = if message.state == State::Unconfirmed { Done::Stopped } else { Done::Updated };
    let mut answer = HttpResponse::Ok();
    version::tag(&mut answer, &message);
    Ok(answer.json(Answer { result, message, note }))
}

/// The message as a change left it, or why it did not change it; `done` is what it was to be.
pub(crate) fn settled(changed: Changed, id: MessageId, done: &str) -> Result<Message, Problem> {
    Err(match changed {
        Changed::Updated(message) => return Ok(message),
        Changed::TooLate { message, by, since } => too_late(&message, by, since),
        Changed::AlreadySent(message) => already_sent(&message),
        Changed::NotPossible(message) => not_possible(&message, done),
        Changed::Outdated(message) => outdated(&message),
        Changed::Missing => missing(id),
    })
}

fn of(problem: Problem, message: &Message) -> Problem {
    problem
        .instance(format!("{}/{}", super::PATH, message.id))
        .member("state", message.state.name())
        .member("version", message.version)
}

fn too_late(message: &Message, by: String, since: jiff::Timestamp) -> Problem {
    let (by, detail) = if message.state == State::Sending {
        let detail =
            format!("Too late: the message is being sent by {by} since {since}. Nothing was changed.");
        (Some(by), detail)
    } else {
        let detail = format!(
            "Too late: an attempt began at {since}, and nobody knows whether it arrived. Nothing was changed. \
             To have no other attempt made, cancel the message."
        );
        (None, detail)
    };
    let problem = named(StatusCode::CONFLICT, "too-late", "Too late", detail);
    of(problem, message).member("by", by).member("since", since.to_string())
}

fn already_sent(message: &Message) -> Problem {
    let at = message.sent_at.map(|at| at.to_string());
    let detail = match (&at, &message.receipt) {
        (Some(at), Some(receipt)) => format!("The message was sent at {at}: {receipt}"),
        (Some(at), None) => format!("The message was sent at {at}."),
        (None, _) => "The message was sent.".to_owned(),
    };
    let problem = named(StatusCode::CONFLICT, "already-sent", "Already sent", detail);
    of(problem, message).member("sent_at", at).member("receipt", message.receipt.clone())
}

fn not_possible(message: &Message, done: &str) -> Problem {
    let instead = match message.state {
        State::Suspended => " Lift the suspension of its account first.",
        State::Unconfirmed => " Look whether it arrived, and say so with POST …/resolve.",
        State::Dead | State::Expired => " POST …/retry sends it once more.",
        State::Scheduled | State::Claimed => {
            " It waits for its first attempt; POST …/send-now sends it at once."
        }
        State::Sending | State::Sent | State::Retrying | State::Cancelled => "",
    };
    let detail = format!("A message that is {} cannot be {done}.{instead}", message.state);
    of(named(StatusCode::CONFLICT, "not-possible", "Not possible", detail), message)
}

fn outdated(message: &Message) -> Problem {
    let detail = format!(
        "Somebody changed the message since: its ETag is {} now. Nothing was changed. Look at it, and decide anew.",
        etag(message)
    );
    of(named(StatusCode::PRECONDITION_FAILED, "outdated", "Outdated", detail), message)
}

/// A problem with the version that the message has.
fn tagged(problem: &Problem, message: &Message) -> HttpResponse {
    let mut answer = problem.error_response();
    if let Ok(tag) = etag(message).parse() {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}
