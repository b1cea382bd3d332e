//! From columns to types and back.

use jiff::Timestamp;
use squall_connect::Fence;
use squall_connect::sql::Row;
use uuid::Uuid;

use crate::message::{Message, MessageId, WallTime};
use crate::state::State;
use crate::when::Fold;

/// The columns that make a [`Message`], of the table `m`.
pub(super) const COLUMNS: &str = "m.id, m.account, m.destination, m.text, m.state, m.version, m.fence, m.attempts, \
     m.in_doubt, m.created_at, m.created_by, m.due_at, m.wall, m.zone, m.fold, m.not_after, m.next_at, m.owner, \
     m.first_began_at, m.began_at, m.sent_at, m.receipt, m.last_error, m.rkey, m.series";

/// Makes a message of a row with [`COLUMNS`].
pub(super) fn message(row: &Row) -> Result<Message, sqlx::Error> {
    let state = state(row)?;
    let given = match (row.optional_text("wall")?, row.optional_text("zone")?) {
        (Some(wall), Some(zone)) => Some(WallTime { wall, zone, fold: fold(row)? }),
        _ => None,
    };
    Ok(Message {
        id: id(row)?,
        account: row.text("account")?,
        destination: row.text("destination")?,
        text: row.text("text")?,
        state,
        version: row.int("version")?,
        fence: Fence::new(row.int("fence")?),
        attempts: attempts(row)?,
        in_doubt: row.int("in_doubt")? != 0,
        created_at: instant(row, "created_at")?,
        created_by: row.text("created_by")?,
        due_at: instant(row, "due_at")?,
        given,
        not_after: optional_instant(row, "not_after")?,
        retry_at: optional_instant(row, "next_at")?.filter(|_| state == State::Retrying),
        owner: row.optional_text("owner")?,
        first_began_at: optional_instant(row, "first_began_at")?,
        began_at: optional_instant(row, "began_at")?,
        sent_at: optional_instant(row, "sent_at")?,
        receipt: row.optional_text("receipt")?,
        last_error: row.optional_text("last_error")?,
        series: row.optional_text("series")?.as_deref().map(uuid).transpose()?,
        rkey: row.text("rkey")?,
    })
}

/// Which of two, if the clock on the wall shows the time twice: a row that does not say means the first.
fn fold(row: &Row) -> Result<Fold, sqlx::Error> {
    Ok(row.optional_text("fold")?.as_deref().and_then(Fold::parse).unwrap_or_default())
}

pub(super) fn id(row: &Row) -> Result<MessageId, sqlx::Error> {
    uuid(&row.text("id")?).map(MessageId)
}

pub(super) fn instant(row: &Row, column: &str) -> Result<Timestamp, sqlx::Error> {
    decode(row.int(column)?)
}

pub(super) fn optional_instant(row: &Row, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.optional_int(column)?.map(decode).transpose()
}

pub(super) fn state(row: &Row) -> Result<State, sqlx::Error> {
    let name = row.text("state")?;
    State::parse(&name)
        .ok_or_else(|| sqlx::Error::Decode(format!("`{name}` is no state of a message").into()))
}

pub(super) fn attempts(row: &Row) -> Result<u32, sqlx::Error> {
    u32::try_from(row.int("attempts")?).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn uuid(text: &str) -> Result<Uuid, sqlx::Error> {
    Uuid::parse_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn decode(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
}
