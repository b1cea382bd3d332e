//! What comes in the next 24 hours.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use squall_connect::sql::{Access, Connection};

use super::super::{fetch, lane, row, values};
use super::{MINUTE, clock, count};

/// A day, in microseconds.
const DAY: i64 = 24 * 60 * MINUTE;

/// What comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Forecast {
    /// When this was so, by the clock of the database; it looks 24 hours ahead from there.
    pub as_of: Timestamp,
    /// How many messages wait for each minute; minutes without any are left out.
    pub minutes: Vec<Minute>,
}

/// A minute in which messages are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// How many messages wait for it.
    pub messages: u64,
}

/// What comes in the next 24 hours: costs as much as comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look;

impl Access for Look {
    type Answer = Forecast;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Forecast, sqlx::Error> {
        let as_of = clock(connection).await?;
        let sql = format!(
            "SELECT m.next_at - m.next_at % {MINUTE} AS began, count(*) AS messages FROM messages AS m
             WHERE m.lane IN ({}, {}) AND m.next_at > ? AND m.next_at <= ?
             GROUP BY m.next_at - m.next_at % {MINUTE} ORDER BY began",
            lane::FIRST,
            lane::AGAIN
        );
        let from = as_of.as_microsecond();
        let rows = fetch(connection, sql, values![from, from.saturating_add(DAY)]).await?;
        let minutes = rows
            .iter()
            .map(|row| Ok(Minute { at: row::instant(row, "began")?, messages: count(row, "messages")? }));
        Ok(Forecast { as_of, minutes: minutes.collect::<Result<_, sqlx::Error>>()? })
    }
}
