//! Making rows.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::json;
use squall_connect::Fence;
use squall_connect::sql::{Access, Connection};

use super::dialect::{Column, batch, or_ignore};
use super::{fetch, lane, row, run, values};
use crate::crash;
use crate::message::{Message, MessageId, NewMessage};
use crate::state::State;

/// A request that can be repeated without a second message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The key that its sender chose.
    pub key: String,
    /// What it asks for: the same in every repetition.
    pub content: String,
}

/// What became of a message that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is stored.
    New(Message),
    /// The same request stored it before; this is how it stands now.
    Known(Message),
    /// Another request had the same key; nothing is stored.
    Taken,
}

/// A message to be stored, with what the store adds.
#[derive(Clone, Debug)]
pub(super) struct Insert {
    pub(super) id: MessageId,
    pub(super) rkey: String,
    pub(super) message: NewMessage,
    pub(super) request: Option<Request>,
    pub(super) now: Timestamp,
    pub(super) who: String,
}

/// Makes rows in `scheduled`, but none for a request that made one before.
#[derive(Clone, Debug)]
pub(super) struct InsertAll {
    pub(super) rows: Vec<Insert>,
}

const COLUMNS: [Column; 21] = [
    Column::Key("id"),
    Column::Key("account"),
    Column::Key("destination"),
    Column::Text("text"),
    Column::Key("state"),
    Column::Int("version"),
    Column::Int("fence"),
    Column::Int("attempts"),
    Column::Int("in_doubt"),
    Column::Int("created_at"),
    Column::Text("created_by"),
    Column::Int("due_at"),
    Column::Text("wall"),
    Column::Text("zone"),
    Column::Text("fold"),
    Column::Int("not_after"),
    Column::Int("lane"),
    Column::Int("next_at"),
    Column::Key("rkey"),
    Column::Key("series"),
    Column::Key("request_key"),
];

const REQUEST: Column = Column::Text("request");

impl Access for InsertAll {
    /// In the order of the rows.
    type Answer = Vec<Inserted>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Inserted>, sqlx::Error> {
        let dialect = connection.dialect();
        let columns: Vec<_> = COLUMNS.into_iter().chain([REQUEST]).collect();
        let names = columns.iter().map(Column::name).collect::<Vec<_>>();
        let sql = format!(
            "INSERT INTO messages ({}) SELECT {} FROM {} WHERE 1 = 1 {}",
            names.join(", "),
            names.iter().map(|name| format!("b.{name}")).collect::<Vec<_>>().join(", "),
            batch(dialect, &columns),
            or_ignore(dialect, "messages.version"),
        );
        let rows: Vec<_> = self.rows.iter().map(Insert::row).collect();
        let written = run(connection, sql, values![serde_json::Value::Array(rows).to_string()]).await?;
        crash::point("inserting");
        // With a key, a row may have been there before; without any, none can.
        if written == self.rows.len() as u64 && self.rows.iter().all(|insert| insert.request.is_none()) {
            return Ok(self.rows.iter().map(|insert| Inserted::New(insert.stored())).collect());
        }
        let keys: Vec<_> = self.rows.iter().filter_map(|insert| insert.request.as_ref()).collect();
        let known = known(&keys, connection).await?;
        Ok(self
            .rows
            .iter()
            .map(|insert| match &insert.request {
                None => Inserted::New(insert.stored()),
                Some(request) => match known.get(&request.key) {
                    Some((message, _)) if message.id == insert.id => Inserted::New(message.clone()),
                    Some((message, content)) if *content == request.content => {
                        Inserted::Known(message.clone())
                    }
                    _ => Inserted::Taken,
                },
            })
            .collect())
    }
}

impl Insert {
    fn row(&self) -> serde_json::Value {
        let Self { id, rkey, message, request, now, who } = self;
        let mut row = json!({
            "id": id.to_string(),
            "account": message.account,
            "destination": message.destination,
            "text": message.text,
            "state": State::Scheduled.name(),
            "version": 1,
            "fence": Fence::FIRST.get(),
            "attempts": 0,
            "in_doubt": 0,
            "created_at": now.as_microsecond(),
            "created_by": who,
            "due_at": message.due_at.as_microsecond(),
            "lane": lane::FIRST,
            "next_at": message.due_at.as_microsecond(),
            "rkey": rkey,
        });
        let mut set = |name: &str, value: Option<serde_json::Value>| {
            if let (Some(row), Some(value)) = (row.as_object_mut(), value) {
                row.insert(name.to_owned(), value);
            }
        };
        set("wall", message.given.as_ref().map(|given| given.wall.as_str().into()));
        set("zone", message.given.as_ref().map(|given| given.zone.as_str().into()));
        set("fold", message.given.as_ref().map(|given| given.fold.name().into()));
        set("not_after", message.not_after.map(|at| at.as_microsecond().into()));
        set("series", message.series.map(|series| series.to_string().into()));
        set("request_key", request.as_ref().map(|request| request.key.as_str().into()));
        set("request", request.as_ref().map(|request| request.content.as_str().into()));
        row
    }

    /// What was stored, without a look at it.
    fn stored(&self) -> Message {
        let Self { id, rkey, message, .. } = self;
        Message {
            id: *id,
            account: message.account.clone(),
            destination: message.destination.clone(),
            text: message.text.clone(),
            state: State::Scheduled,
            version: 1,
            fence: Fence::FIRST,
            attempts: 0,
            in_doubt: false,
            created_at: self.now,
            created_by: self.who.clone(),
            due_at: message.due_at,
            given: message.given.clone(),
            not_after: message.not_after,
            retry_at: None,
            owner: None,
            first_began_at: None,
            began_at: None,
            sent_at: None,
            receipt: None,
            last_error: None,
            series: message.series,
            rkey: rkey.clone(),
        }
    }
}

/// What a request with this key stored before.
#[derive(Clone, Debug)]
pub(super) struct Known(pub(super) Request);

impl Access for Known {
    /// Never `New`.
    type Answer = Option<Inserted>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<Inserted>, sqlx::Error> {
        let found = known(&[&self.0], connection).await?.remove(&self.0.key);
        Ok(found.map(
            |(message, content)| {
                if content == self.0.content { Inserted::Known(message) } else { Inserted::Taken }
            },
        ))
    }
}

async fn known(
    requests: &[&Request],
    connection: &mut Connection<'_>,
) -> Result<HashMap<String, (Message, String)>, sqlx::Error> {
    let keys: Vec<_> = requests.iter().map(|request| json!({ "request_key": request.key })).collect();
    let sql = format!(
        "SELECT {}, m.request_key, m.request FROM messages AS m JOIN {} ON m.request_key = b.request_key",
        row::COLUMNS,
        batch(connection.dialect(), &[Column::Key("request_key")]),
    );
    let rows = fetch(connection, sql, values![serde_json::Value::Array(keys).to_string()]).await?;
    rows.iter()
        .map(|row| Ok((row.text("request_key")?, (row::message(row)?, row.text("request")?))))
        .collect()
}
