//! Lines that are stored together.

use jiff::Timestamp;
use serde::Serialize;
use squall_ops::Problem;
use squall_ops::problem::{BODY_LIMIT, JsonBody};

use super::super::draft::{Checked, Draft};
use super::super::key;
use super::super::message::{request, taken};
use super::super::trouble::unwritten;
use super::lines::Line;
use crate::destination::Destinations;
use crate::message::{MessageId, NewMessage};
use crate::store::{Inserted, Request, Store};

/// The most lines of a chunk.
const ROWS: usize = 1000;

/// The most text of a chunk, in bytes: few long lines cost as much as many short ones.
const BYTES: usize = 1024 * 1024;

/// Lines that are stored together.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    rows: Vec<Row>,
    bytes: usize,
}

#[derive(Debug)]
struct Row {
    line: u64,
    draft: Result<NewMessage, Problem>,
    request: Option<Request>,
}

/// What became of a chunk.
#[derive(Debug)]
pub(super) struct Stored {
    /// A line for each of its lines.
    pub(super) answers: Vec<u8>,
    /// If no other chunk is to be tried: from which line on, and why.
    pub(super) stopped: Option<(u64, Problem)>,
}

/// What became of a line.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Stored(MessageId),
    Known(MessageId),
    Refused(Problem),
}

impl Chunk {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= BYTES
    }

    /// Adds a line, whatever is in it.
    pub(super) fn take(&mut self, line: Line, now: Timestamp, destinations: &Destinations) {
        self.bytes += line.content.as_ref().map_or(0, |content| content.len());
        let (draft, request) = match line.content.as_deref().map(read) {
            Some(Ok((draft, request))) => {
                let checked = draft.check(now, destinations);
                (checked.map(|Checked { message, .. }| message), request)
            }
            Some(Err(problem)) => (Err(problem), None),
            None => (Err(Problem::too_large(BODY_LIMIT)), None),
        };
        self.rows.push(Row { line: line.number, draft, request });
    }

    /// Stores what can be stored, all of it or nothing.
    pub(super) async fn store(self, store: &Store, who: &str) -> Stored {
        let mut messages = Vec::with_capacity(self.rows.len());
        let mut refused = Vec::with_capacity(self.rows.len());
        for Row { line, draft, request } in self.rows {
            match draft {
                Ok(message) => {
                    messages.push((message, request));
                    refused.push((line, None));
                }
                Err(problem) => refused.push((line, Some(refusal(problem, request, store).await))),
            }
        }
        let is_empty = messages.is_empty();
        let mut stopped = None;
        let inserted = if is_empty { Ok(Vec::new()) } else { store.insert_all(messages, who).await };
        let mut inserted = match inserted {
            Ok(inserted) => inserted.into_iter().map(outcome).collect::<Vec<_>>().into_iter(),
            Err(error) => {
                let problem = unwritten(&error);
                let next = refused.last().map_or(1, |(line, _)| line + 1);
                stopped = Some((
                    next,
                    Problem::unavailable(
                        "Nothing from here on was read: what came before could not be stored.",
                    ),
                ));
                vec![Outcome::Refused(problem); refused.len()].into_iter()
            }
        };
        let mut answers = Vec::new();
        for (line, refused) in refused {
            let outcome = refused.or_else(|| inserted.next());
            answers.extend(answer_of(
                line,
                outcome.unwrap_or_else(|| Outcome::Refused(Problem::internal("Not stored."))),
            ));
        }
        Stored { answers, stopped }
    }
}

/// Reads a draft and its key.
fn read(line: &[u8]) -> Result<(Draft, Option<Request>), Problem> {
    let JsonBody(mut draft) = JsonBody::<Draft>::read(line)?;
    let Some(key) = draft.idempotency_key.take() else { return Ok((draft, None)) };
    key::key(&key).map_err(|fault| {
        Problem::unprocessable("The message cannot be scheduled.").fault("/idempotency_key", fault)
    })?;
    let request = request(&draft, key)?;
    Ok((draft, Some(request)))
}

/// A line that makes no sense now may have made sense when it came first.
async fn refusal(problem: Problem, request: Option<Request>, store: &Store) -> Outcome {
    let Some(request) = request else { return Outcome::Refused(problem) };
    match store.known(request).await {
        Ok(Some(known)) => outcome(known),
        Ok(None) => Outcome::Refused(problem),
        Err(error) => Outcome::Refused(unwritten(&error)),
    }
}

fn outcome(inserted: Inserted) -> Outcome {
    match inserted {
        Inserted::New(message) => Outcome::Stored(message.id),
        Inserted::Known(message) => Outcome::Known(message.id),
        Inserted::Taken => Outcome::Refused(taken()),
    }
}

#[derive(Serialize)]
struct Taken {
    line: u64,
    status: u16,
    id: String,
}

#[derive(Serialize)]
struct Refused<'a> {
    line: u64,
    #[serde(flatten)]
    problem: &'a Problem,
}

/// The line that answers a line.
pub(super) fn answer_of(line: u64, outcome: Outcome) -> Vec<u8> {
    let taken = |status, id: MessageId| serde_json::to_vec(&Taken { line, status, id: id.to_string() });
    let answer = match outcome {
        Outcome::Stored(id) => taken(201, id),
        Outcome::Known(id) => taken(200, id),
        Outcome::Refused(problem) => serde_json::to_vec(&Refused { line, problem: &problem }),
    };
    let mut answer = answer.unwrap_or_default();
    answer.push(b'\n');
    answer
}
