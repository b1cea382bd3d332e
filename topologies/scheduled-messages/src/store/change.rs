//! What people do to a message: always answered by what is so.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::dialect::{for_update, now};
use super::events::{Event, record};
use super::{fetch_one, lane, row, run, values};
use crate::crash;
use crate::message::{Message, MessageId, WallTime};
use crate::state::{State, Step};

/// What somebody wants done to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Other words, another time, another deadline: what is `None` stays.
    Edit(Edit),
    /// Take it back.
    Cancel,
    /// Send it now, although it is not due, or was given up.
    SendNow,
    /// It had arrived: a person looked.
    ResolveSent {
        /// Where it is, if the person knows.
        receipt: Option<String>,
    },
    /// It had not arrived: send it.
    ResolveResend,
    /// Give it up.
    ResolveDead,
}

/// What is to be different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What it says.
    pub text: Option<String>,
    /// When it is to be sent, with the wall time that stands for it, if there is one.
    pub due: Option<(Timestamp, Option<WallTime>)>,
    /// When it is too late; `Some(None)` takes the limit away.
    pub not_after: Option<Option<Timestamp>>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done; this is the message now.
    Updated(Message),
    /// An attempt is under way, or one may have arrived.
    TooLate {
        /// The message as it stands.
        message: Message,
        /// Which process began the attempt.
        by: String,
        /// When.
        since: Timestamp,
    },
    /// It was sent.
    AlreadySent(Message),
    /// It is in a state that this change does not go with.
    NotPossible(Message),
    /// Somebody else changed it since it was read: it has another version.
    Outdated(Message),
    /// There is no such message.
    Missing,
}

/// Changes one message.
#[derive(Clone, Debug)]
pub(super) struct Apply {
    pub(super) id: MessageId,
    pub(super) change: Change,
    /// The version that whoever changes it has seen.
    pub(super) version: Option<i64>,
    pub(super) who: String,
}

impl Access for Apply {
    type Answer = Changed;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Changed, sqlx::Error> {
        let dialect = connection.dialect();
        let sql = format!(
            "SELECT {}, {} AS now FROM messages AS m WHERE m.id = ? {}",
            row::COLUMNS,
            now(dialect),
            for_update(dialect),
        );
        let Some(found) = fetch_one(connection, sql, values![self.id.to_string()]).await? else {
            return Ok(Changed::Missing);
        };
        let now = row::instant(&found, "now")?;
        let message = row::message(&found)?;
        let step = match step(&message, &self.change) {
            Ok(step) => step,
            Err(refusal) => return Ok(refusal.answer(message)),
        };
        if self.version.is_some_and(|version| version != message.version) {
            return Ok(Changed::Outdated(message));
        }
        let after = after(message, &self.change, step, now);
        write(&after, connection).await?;
        let event = Event {
            message: self.id,
            at: now,
            who: self.who,
            what: name(step),
            attempt: None,
            began_at: None,
            detail: None,
        };
        record(&[event], connection).await?;
        crash::point("changing");
        Ok(Changed::Updated(after))
    }
}

/// Why a change is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    TooLate,
    AlreadySent,
    NotPossible,
}

impl Refusal {
    fn answer(self, message: Message) -> Changed {
        match (self, message.began_at) {
            (Self::TooLate, Some(since)) => {
                let by =
                    message.owner.clone().unwrap_or_else(|| "an attempt that may have arrived".to_owned());
                Changed::TooLate { message, by, since }
            }
            (Self::AlreadySent, _) => Changed::AlreadySent(message),
            _ => Changed::NotPossible(message),
        }
    }
}

/// The step that a change is, for a message in this state.
fn step(message: &Message, change: &Change) -> Result<Step, Refusal> {
    let state = message.state;
    let step = match change {
        Change::Edit(_) => Step::Edit,
        // What may have arrived cannot be said to be cancelled: a person must look.
        Change::Cancel if message.in_doubt => Step::Stop,
        Change::Cancel => Step::Cancel,
        Change::SendNow => Step::SendNow,
        Change::ResolveSent { .. } => Step::ResolveSent,
        Change::ResolveResend => Step::ResolveResend,
        Change::ResolveDead => Step::ResolveDead,
    };
    match state {
        State::Sent => Err(Refusal::AlreadySent),
        State::Sending => Err(Refusal::TooLate),
        // Its words may be out there: other words would not replace them.
        _ if step == Step::Edit && message.in_doubt => Err(Refusal::TooLate),
        state if step.leaves(state) => Ok(step),
        _ => Err(Refusal::NotPossible),
    }
}

/// The message as the change leaves it.
fn after(message: Message, change: &Change, step: Step, now: Timestamp) -> Message {
    let mut after =
        Message { owner: None, fence: message.fence.next(), version: message.version + 1, ..message };
    let mut next_at = after.retry_at.unwrap_or(after.due_at);
    match change {
        Change::Edit(edit) => {
            if let Some(text) = &edit.text {
                after.text.clone_from(text);
            }
            if let Some((due_at, given)) = &edit.due {
                after.due_at = *due_at;
                after.given.clone_from(given);
            }
            if let Some(not_after) = edit.not_after {
                after.not_after = not_after;
            }
            after.attempts = 0;
        }
        Change::SendNow => {
            if after.state.is_final() {
                due_anew(&mut after, now);
            } else if after.due_at > now {
                after.due_at = now;
                after.given = None;
            }
            next_at = now;
        }
        Change::ResolveSent { receipt } => {
            after.in_doubt = false;
            after.sent_at = after.began_at;
            after.receipt = receipt.clone().or(after.receipt);
        }
        Change::ResolveResend => {
            after.in_doubt = false;
            after.first_began_at = None;
            due_anew(&mut after, now);
        }
        Change::Cancel | Change::ResolveDead => {}
    }
    if step == Step::Stop {
        after.last_error = Some("cancelled after an attempt that may have arrived".to_owned());
    }
    after.state = step.to(after.attempts > 0);
    after.retry_at = (after.state == State::Retrying).then_some(next_at);
    after
}

/// It is due now, whenever it was before: neither its deadline nor what its account wants of late ones holds any more.
fn due_anew(message: &mut Message, now: Timestamp) {
    message.attempts = 0;
    message.due_at = now;
    message.given = None;
    message.not_after = None;
}

async fn write(after: &Message, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
    let lane = lane::of(after.state, i64::from(after.attempts));
    let next_at = lane.map(|_| after.retry_at.unwrap_or(after.due_at));
    let given = after.given.as_ref();
    let sql = "UPDATE messages SET text = ?, state = ?, version = ?, fence = ?, attempts = ?, in_doubt = ?, due_at = ?,
                   wall = ?, zone = ?, fold = ?, not_after = ?, lane = ?, next_at = ?, owner = NULL, first_began_at = ?,
                   sent_at = ?, receipt = ?, last_error = ?
               WHERE id = ?";
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let values = values![
        after.text.clone(),
        after.state.name(),
        after.version,
        after.fence.get(),
        after.attempts,
        after.in_doubt,
        after.due_at.as_microsecond(),
        given.map(|given| given.wall.clone()),
        given.map(|given| given.zone.clone()),
        given.map(|given| given.fold.name()),
        micros(after.not_after),
        lane,
        micros(next_at),
        micros(after.first_began_at),
        micros(after.sent_at),
        after.receipt.clone(),
        after.last_error.clone(),
        after.id.to_string(),
    ];
    run(connection, sql.to_owned(), values).await?;
    Ok(())
}

/// What a change is called in the trail.
fn name(step: Step) -> &'static str {
    match step {
        Step::Edit => "edited",
        Step::Cancel => "cancelled",
        Step::Stop => "stopped",
        Step::SendNow => "sent_now",
        Step::ResolveSent => "resolved_sent",
        Step::ResolveResend => "resolved_resend",
        Step::ResolveDead => "resolved_dead",
        _ => "changed",
    }
}
