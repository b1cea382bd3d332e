//! From columns to types and back.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::message::{Message, MessageId, State};

/// Makes a message of a row with all its columns.
pub(super) fn message(row: &SqliteRow) -> Result<Message, sqlx::Error> {
    let state = state(row)?;
    let attempts: u32 = row.try_get("attempt")?;
    let next_at = optional_instant(row, "next_at")?;
    Ok(Message {
        id: id(row)?,
        account: row.try_get("account")?,
        destination: row.try_get("destination")?,
        text: row.try_get("text")?,
        state,
        version: row.try_get("version")?,
        attempts,
        created_at: instant(row, "created_at")?,
        due_at: instant(row, "due_at")?,
        retry_at: next_at.filter(|_| state == State::Scheduled && attempts > 0),
        sent_at: optional_instant(row, "sent_at")?,
        last_error: row.try_get("last_error")?,
    })
}

pub(super) fn id(row: &SqliteRow) -> Result<MessageId, sqlx::Error> {
    let bytes: &[u8] = row.try_get("id")?;
    Uuid::from_slice(bytes).map(MessageId).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn instant(row: &SqliteRow, column: &str) -> Result<Timestamp, sqlx::Error> {
    decode(row.try_get(column)?)
}

/// An id as it is stored.
pub(super) fn key(id: MessageId) -> Vec<u8> {
    id.0.as_bytes().to_vec()
}

fn optional_instant(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.try_get::<Option<i64>, _>(column)?.map(decode).transpose()
}

fn state(row: &SqliteRow) -> Result<State, sqlx::Error> {
    let name: &str = row.try_get("state")?;
    State::parse(name).ok_or_else(|| sqlx::Error::Decode(format!("`{name}` is no state of a message").into()))
}

fn decode(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
}
