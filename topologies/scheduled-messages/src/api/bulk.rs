//! Scheduling many messages with one request, a draft a line.

mod chunk;
mod lines;

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::rt;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::Value;
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::chunk::{Chunk, Outcome, answer_of};
use self::lines::{Broken, Lines};
use super::PATH;
use super::actor::{self, Actor};
use super::draft::Draft;
use super::trouble::shown;
use crate::destination::Destinations;
use crate::store::Store;

const MEDIA_TYPE: &str = "application/x-ndjson";

/// The most lines of one request.
const LINES: u64 = 100_000;

/// A client that sends nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lines that have come are stored when no other follows for this long: whoever sends them may wait for the answers.
const LULL: Duration = Duration::from_millis(20);

const EXAMPLE: &str = "{\"account\": \"me\", \"destination\": \"inbox\", \"text\": \"Hello\", \"in\": \"1h\", \"idempotency_key\": \"a\"}\n";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::POST,
            "/api/v1/messages/bulk",
            "createMessages",
            "Schedules up to 100,000 messages: a draft a line, answered with a line each in their order.",
            |route| route.to(bulk),
        )
        .header(actor::HEADER)
        .takes_as::<Draft>(MEDIA_TYPE, EXAMPLE)
        .answers_as::<Value>(
            200,
            MEDIA_TYPE,
            "For each line `{\"line\", \"status\", \"id\"}`, or a problem with its `line`; one more line with a problem \
             if the rest of the body was not read.",
        ),
    ]
}

async fn bulk(
    request: HttpRequest,
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    Actor(who): Actor,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    is_lines(&request)?;
    // It has no bound of its own, since one line is answered with one: it holds as much as LINES answers. A client that
    // reads no answer before it has sent everything would wait for ever otherwise.
    let (answers, answered) = unbounded_channel::<Bytes>();
    let (store, destinations) = (store.as_ref().clone(), destinations.as_ref().clone());
    rt::spawn(async move { Bulk { store, destinations, who, answers }.run(Lines::new(body)).await });
    let answered = stream::unfold(answered, async |mut answered| {
        answered.recv().await.map(|lines| (Ok::<_, Infallible>(lines), answered))
    });
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).streaming(answered))
}

fn is_lines(request: &HttpRequest) -> Result<(), Problem> {
    match request.content_type() {
        MEDIA_TYPE | "application/ndjson" => Ok(()),
        given => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("The body must be {MEDIA_TYPE}, not `{}`.", shown(given)),
        )),
    }
}

/// A request on its way.
struct Bulk {
    store: Store,
    destinations: Destinations,
    who: String,
    answers: UnboundedSender<Bytes>,
}

/// Nothing more is read of a request.
struct Stop;

impl Bulk {
    async fn run(self, mut lines: Lines) {
        let mut chunk = Chunk::default();
        while let Ok(()) = self.step(&mut lines, &mut chunk).await {}
    }

    /// Takes one line, and stores what has come if it is enough, or if no other line follows.
    async fn step(&self, lines: &mut Lines, chunk: &mut Chunk) -> Result<(), Stop> {
        let line = match timeout(LULL, lines.next()).await {
            Err(_) => {
                self.store(chunk).await?;
                timeout(PATIENCE, lines.next()).await.unwrap_or(Err(Broken::Silent))
            }
            Ok(line) => line,
        };
        let line = match line {
            Ok(Some(line)) if line.number <= LINES => line,
            Ok(Some(line)) => {
                self.store(chunk).await?;
                return self.stop(line.number, too_many());
            }
            Ok(None) => {
                self.store(chunk).await?;
                return Err(Stop);
            }
            Err(Broken::Silent) => return self.stop(lines.number() + 1, silent()),
            // Nobody is there to be answered: what was not stored yet is not.
            Err(Broken::Gone) => return Err(Stop),
        };
        chunk.take(line, self.store.now(), &self.destinations);
        if chunk.is_full() { self.store(chunk).await } else { Ok(()) }
    }

    /// Stores a chunk and answers its lines.
    async fn store(&self, chunk: &mut Chunk) -> Result<(), Stop> {
        if chunk.is_empty() {
            return Ok(());
        }
        let stored = std::mem::take(chunk).store(&self.store, &self.who).await;
        self.send(stored.answers)?;
        match stored.stopped {
            Some((line, problem)) => self.stop(line, problem),
            None => Ok(()),
        }
    }

    /// Says why nothing is read from this line on.
    fn stop(&self, line: u64, problem: Problem) -> Result<(), Stop> {
        self.send(answer_of(line, Outcome::Refused(problem)))?;
        Err(Stop)
    }

    fn send(&self, answers: Vec<u8>) -> Result<(), Stop> {
        self.answers.send(answers.into()).map_err(|_| Stop)
    }
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "A request has at most {LINES} lines: nothing from here on was stored. Send the rest to {PATH}/bulk."
        ),
    )
}

fn silent() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        format!("Nothing came for {} s: nothing from here on was stored.", PATIENCE.as_secs()),
    )
}
