//! What waits for a person.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::super::{fetch_one, lane, values};
use super::{clock, count};

/// What is more than this is as good as this.
const MOST: u64 = 10_000;

/// What waits for a person, each up to ten thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForPeople {
    /// When this was so, by the clock of the database.
    pub as_of: Timestamp,
    /// Messages of which nobody knows whether they arrived.
    pub unconfirmed: u64,
    /// Messages that are given up.
    pub dead: u64,
}

/// Counts it: costs as much as there is of it, and never more than a look at some pages of an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look;

impl Access for Look {
    type Answer = ForPeople;

    async fn run(self, connection: &mut Connection<'_>) -> Result<ForPeople, sqlx::Error> {
        let as_of = clock(connection).await?;
        let (unconfirmed, dead) =
            (of(lane::UNCONFIRMED, connection).await?, of(lane::DEAD, connection).await?);
        Ok(ForPeople { as_of, unconfirmed, dead })
    }
}

async fn of(lane: i64, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "SELECT count(*) AS messages FROM (SELECT m.id FROM messages AS m WHERE m.lane = {lane} LIMIT {MOST}) AS few"
    );
    let row = fetch_one(connection, sql, values![]).await?.ok_or(sqlx::Error::RowNotFound)?;
    count(&row, "messages")
}
