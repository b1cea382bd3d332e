//! Finding messages.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection, Value};

use super::{fetch, fetch_one, row, values};
use crate::message::{Message, MessageId};
use crate::state::State;

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Get(pub(super) MessageId);

impl Access for Get {
    type Answer = Option<Message>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<Message>, sqlx::Error> {
        let sql = format!("SELECT {} FROM messages AS m WHERE m.id = ?", row::COLUMNS);
        fetch_one(connection, sql, values![self.0.to_string()]).await?.as_ref().map(row::message).transpose()
    }
}

/// Which messages to list.
///
/// Of one account they come by due instant, of all accounts by id, which is by when they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub account: Option<String>,
    /// Going where.
    pub destination: Option<String>,
    /// In one of these states; empty is any.
    pub states: Vec<State>,
    /// Due at this instant or later.
    pub due_from: Option<Timestamp>,
    /// Due before this instant.
    pub due_before: Option<Timestamp>,
    /// The occurrences of one series.
    pub series: Option<uuid::Uuid>,
}

/// Where a listing goes on: behind this message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When that one is due.
    pub due_at: Timestamp,
    /// Its name.
    pub id: MessageId,
}

/// A page of messages.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) filter: Filter,
    pub(super) after: Option<Cursor>,
    pub(super) limit: u32,
}

impl Access for List {
    type Answer = Vec<Message>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Message>, sqlx::Error> {
        let (conditions, mut values) = self.conditions();
        let order = if self.filter.account.is_some() { "m.due_at, m.id" } else { "m.id" };
        let condition = if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") };
        let sql =
            format!("SELECT {} FROM messages AS m WHERE {condition} ORDER BY {order} LIMIT ?", row::COLUMNS);
        values.push(self.limit.into());
        fetch(connection, sql, values).await?.iter().map(row::message).collect()
    }
}

impl List {
    pub(super) fn conditions(&self) -> (Vec<String>, Vec<Value>) {
        let Filter { account, destination, states, due_from, due_before, series } = &self.filter;
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let mut add = |condition: &str, value: Value| {
            conditions.push(condition.to_owned());
            values.push(value);
        };
        if let Some(account) = account {
            add("m.account = ?", account.clone().into());
        }
        if let Some(destination) = destination {
            add("m.destination = ?", destination.clone().into());
        }
        if let Some(from) = due_from {
            add("m.due_at >= ?", from.as_microsecond().into());
        }
        if let Some(before) = due_before {
            add("m.due_at < ?", before.as_microsecond().into());
        }
        if let Some(series) = series {
            add("m.series = ?", series.to_string().into());
        }
        if !states.is_empty() {
            let marks = vec!["?"; states.len()].join(", ");
            conditions.push(format!("m.state IN ({marks})"));
            values.extend(states.iter().map(|state| Value::from(state.name())));
        }
        if let Some(Cursor { due_at, id }) = &self.after {
            if account.is_some() {
                // The first half is for the index.
                conditions.push("m.due_at >= ? AND (m.due_at > ? OR m.id > ?)".to_owned());
                values.extend(values![due_at.as_microsecond(), due_at.as_microsecond(), id.to_string()]);
            } else {
                conditions.push("m.id > ?".to_owned());
                values.push(id.to_string().into());
            }
        }
        (conditions, values)
    }
}
