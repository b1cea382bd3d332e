//! From columns to types and back.

use jiff::Timestamp;
use squall_connect::sql::Row;
use uuid::Uuid;

use crate::message::{Message, MessageId, State};

/// Makes a message of a row with all its columns.
pub(super) fn message(row: &Row) -> Result<Message, sqlx::Error> {
    let state = state(row)?;
    let attempts = count(row, "attempt")?;
    let next_at = optional_instant(row, "next_at")?;
    Ok(Message {
        id: id(row)?,
        account: row.text("account")?,
        destination: row.text("destination")?,
        text: row.text("text")?,
        state,
        version: row.int("version")?,
        attempts,
        created_at: instant(row, "created_at")?,
        due_at: instant(row, "due_at")?,
        retry_at: next_at.filter(|_| state == State::Scheduled && attempts > 0),
        sent_at: optional_instant(row, "sent_at")?,
        last_error: row.optional_text("last_error")?,
    })
}

pub(super) fn id(row: &Row) -> Result<MessageId, sqlx::Error> {
    Uuid::from_slice(&row.bytes("id")?).map(MessageId).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn instant(row: &Row, column: &str) -> Result<Timestamp, sqlx::Error> {
    decode(row.int(column)?)
}

/// Reads a number that cannot be negative.
pub(super) fn count(row: &Row, column: &str) -> Result<u32, sqlx::Error> {
    u32::try_from(row.int(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// An id as it is stored.
pub(super) fn key(id: MessageId) -> Vec<u8> {
    id.0.as_bytes().to_vec()
}

fn optional_instant(row: &Row, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.optional_int(column)?.map(decode).transpose()
}

fn state(row: &Row) -> Result<State, sqlx::Error> {
    let name = row.text("state")?;
    State::parse(&name)
        .ok_or_else(|| sqlx::Error::Decode(format!("`{name}` is no state of a message").into()))
}

fn decode(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
}
