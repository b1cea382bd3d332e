//! What is due, and who works on it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use squall_connect::sql::{Access, Connection};
use uuid::Uuid;

use super::super::dialect::now;
use super::super::{fetch, fetch_one, lane, row, values};
use super::{MINUTE, count};
use crate::state::State;

/// How many processes are shown.
const PROCESSES: u32 = 1000;

/// What is due, and who works on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AtHand {
    /// When this was so, by the clock of the database.
    pub as_of: Timestamp,
    /// How many messages are due and not sent, those that are being sent included.
    pub due: u64,
    /// The one that waits longest; null if none is due.
    pub oldest_overdue: Option<Overdue>,
    /// The processes that share the messages.
    pub processes: Vec<Process>,
}

/// A message that is due and not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Overdue {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub account: String,
    /// Where it goes.
    pub destination: String,
    /// When it was due.
    pub due_at: Timestamp,
}

/// A process that sends messages, or did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Process {
    /// Its name, as messages have it in `owner`.
    pub name: String,
    /// When it began; null if it left, or is long dead.
    pub started_at: Option<Timestamp>,
    /// Until when it is believed to live, unless it is heard of again; null if it left.
    pub lease_until: Option<Timestamp>,
    /// Whether it is believed to live: what a dead one held is taken over by others.
    pub is_alive: bool,
    /// How many messages it holds for the next moments.
    pub held: u64,
    /// How many it is sending.
    pub sending: u64,
}

/// What is due, and who works on it: costs as much as there is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look;

impl Access for Look {
    type Answer = AtHand;

    async fn run(self, connection: &mut Connection<'_>) -> Result<AtHand, sqlx::Error> {
        let now = now(connection.dialect());
        let sql = format!(
            "SELECT {now} AS now, count(*) AS due FROM messages AS m
             WHERE m.lane IN ({}, {}) AND m.next_at <= {now}",
            lane::FIRST,
            lane::AGAIN
        );
        let due = fetch_one(connection, sql, values![]).await?.ok_or(sqlx::Error::RowNotFound)?;
        let as_of = row::instant(&due, "now")?;
        Ok(AtHand {
            as_of,
            due: count(&due, "due")?,
            oldest_overdue: oldest(as_of, connection).await?,
            processes: processes(as_of, connection).await?,
        })
    }
}

/// The message that waits longest: the first of one of the lanes.
async fn oldest(as_of: Timestamp, connection: &mut Connection<'_>) -> Result<Option<Overdue>, sqlx::Error> {
    let mut oldest: Option<Overdue> = None;
    for lane in [lane::FIRST, lane::AGAIN] {
        let sql = format!(
            "SELECT m.id, m.account, m.destination, m.due_at FROM messages AS m
             WHERE m.lane = {lane} AND m.next_at <= ? ORDER BY m.next_at LIMIT 1"
        );
        let Some(row) = fetch_one(connection, sql, values![as_of.as_microsecond()]).await? else { continue };
        let found = Overdue {
            id: row::id(&row)?.0,
            account: row.text("account")?,
            destination: row.text("destination")?,
            due_at: row::instant(&row, "due_at")?,
        };
        if oldest.as_ref().is_none_or(|oldest| found.due_at < oldest.due_at) {
            oldest = Some(found);
        }
    }
    Ok(oldest)
}

/// Everybody who has a lease or holds something.
async fn processes(as_of: Timestamp, connection: &mut Connection<'_>) -> Result<Vec<Process>, sqlx::Error> {
    let sql = "SELECT p.name, p.started_at, p.lease_until FROM processes AS p ORDER BY p.name LIMIT ?";
    let rows = fetch(connection, sql.to_owned(), values![PROCESSES]).await?;
    let mut processes = BTreeMap::new();
    for row in &rows {
        let (name, lease_until) = (row.text("name")?, row::instant(row, "lease_until")?);
        let process = Process {
            name: name.clone(),
            started_at: row::optional_instant(row, "started_at")?,
            lease_until: Some(lease_until),
            is_alive: lease_until > as_of,
            ..Process::default()
        };
        processes.insert(name, process);
    }
    // Claims look ahead by seconds: behind a minute from now nobody holds anything.
    let sql = format!(
        "SELECT m.owner, m.state, count(*) AS messages FROM messages AS m
         WHERE m.lane IN ({}, {}) AND m.next_at <= ? AND m.owner IS NOT NULL GROUP BY m.owner, m.state",
        lane::FIRST,
        lane::AGAIN
    );
    let until = as_of.as_microsecond().saturating_add(MINUTE);
    for row in &fetch(connection, sql, values![until]).await? {
        let name = row.text("owner")?;
        let process = processes.entry(name.clone()).or_insert_with(|| Process { name, ..Process::default() });
        let messages = count(row, "messages")?;
        match row::state(row)? {
            State::Sending => process.sending += messages,
            _ => process.held += messages,
        }
    }
    Ok(processes.into_values().collect())
}
