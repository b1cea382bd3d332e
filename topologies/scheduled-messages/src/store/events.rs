//! What happened to a message: who did what, and when, with every attempt.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use squall_connect::sql::{Access, Connection};

use super::dialect::{Column, batch, or_ignore};
use super::{fetch, row, run, values};
use crate::message::MessageId;

/// Something that happened to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) message: MessageId,
    pub(super) at: Timestamp,
    pub(super) who: String,
    pub(super) what: &'static str,
    /// Which attempt, if it was one.
    pub(super) attempt: Option<u32>,
    pub(super) began_at: Option<Timestamp>,
    pub(super) detail: Option<String>,
}

/// Writes events down. An attempt has one outcome: a second one, of a write that was repeated, is left out.
pub(super) async fn record(events: &[Event], connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            let mut row = json!({
                "message": event.message.to_string(),
                "at": event.at.as_microsecond(),
                "who": event.who,
                "what": event.what,
            });
            let mut set = |name: &str, value: Option<serde_json::Value>| {
                if let (Some(row), Some(value)) = (row.as_object_mut(), value) {
                    row.insert(name.to_owned(), value);
                }
            };
            set("attempt", event.attempt.map(Into::into));
            set("began_at", event.began_at.map(|at| at.as_microsecond().into()));
            set("detail", event.detail.clone().map(Into::into));
            row
        })
        .collect();
    let dialect = connection.dialect();
    let columns = [
        Column::Key("message"),
        Column::Int("at"),
        Column::Text("who"),
        Column::Key("what"),
        Column::Int("attempt"),
        Column::Int("began_at"),
        Column::Text("detail"),
    ];
    let sql = format!(
        "INSERT INTO events (message, at, who, what, attempt, began_at, detail)
         SELECT b.message, b.at, b.who, b.what, b.attempt, b.began_at, b.detail FROM {} WHERE 1 = 1 {}",
        batch(dialect, &columns),
        or_ignore(dialect, "events.seq"),
    );
    run(connection, sql, values![serde_json::Value::Array(rows).to_string()]).await?;
    Ok(())
}

/// Something that happened to a message, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// Who did it: a person, or a process.
    pub who: String,
    /// What: `created`, `edited`, `cancelled`, `accepted`, `failed`, …
    pub what: String,
    /// Which attempt, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// When that attempt began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Timestamp>,
    /// The particulars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How many happenings of one message are shown: the latest.
const SHOWN: i64 = 1000;

/// Everything that happened to a message after it was created, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Trail(pub(super) MessageId);

impl Access for Trail {
    type Answer = Vec<Happening>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Happening>, sqlx::Error> {
        let sql = "SELECT at, who, what, attempt, began_at, detail FROM events WHERE message = ? ORDER BY seq DESC LIMIT ?";
        let rows = fetch(connection, sql.to_owned(), values![self.0.to_string(), SHOWN]).await?;
        let happenings = rows.iter().rev().map(|row| {
            Ok(Happening {
                at: row::instant(row, "at")?,
                who: row.text("who")?,
                what: row.text("what")?,
                attempt: row.optional_int("attempt")?.and_then(|attempt| u32::try_from(attempt).ok()),
                began_at: row::optional_instant(row, "began_at")?,
                detail: row.optional_text("detail")?,
            })
        });
        happenings.collect()
    }
}
