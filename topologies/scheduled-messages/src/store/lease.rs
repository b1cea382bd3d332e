//! The processes that share the rows, and how long each is believed to live.
//!
//! A claim names its process, and the process has one lease: renewing that renews every claim it holds. The clock of
//! the database decides, so that processes need not agree on the time.

use std::time::Duration;

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::dialect::{now, or_ignore};
use super::{fetch_one, lane, micros, row, run, values};

/// Renews the lease of a process.
#[derive(Clone, Debug)]
pub(super) struct Renew {
    pub(super) owner: String,
    pub(super) lease: Duration,
}

impl Access for Renew {
    /// Whether there was one.
    type Answer = bool;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, sqlx::Error> {
        let now = now(connection.dialect());
        let sql = format!("UPDATE processes SET lease_until = {now} + ? WHERE name = ?");
        Ok(run(connection, sql, values![micros(self.lease), self.owner]).await? == 1)
    }
}

/// Takes out a lease for a process that has none.
#[derive(Clone, Debug)]
pub(super) struct TakeOut(pub(super) Renew);

impl Access for TakeOut {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let now = now(connection.dialect());
        let ignore = or_ignore(connection.dialect(), "name");
        let sql = format!(
            "INSERT INTO processes (name, started_at, lease_until) VALUES (?, {now}, {now} + ?) {ignore}"
        );
        run(connection, sql, values![self.0.owner, micros(self.0.lease)]).await?;
        Ok(())
    }
}

/// Gives up the lease of a process: what it still holds may be taken over at once.
#[derive(Clone, Debug)]
pub(super) struct Leave {
    pub(super) owner: String,
}

impl Access for Leave {
    type Answer = ();
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let sql = "UPDATE processes SET lease_until = 0 WHERE name = ?".to_owned();
        run(connection, sql, values![self.owner]).await?;
        Ok(())
    }
}

/// Gives up the leases of all other processes: only one uses this database, and it is this one.
#[derive(Clone, Debug)]
pub(super) struct Outlive {
    pub(super) owner: String,
}

impl Access for Outlive {
    type Answer = ();
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let sql = "UPDATE processes SET lease_until = 0 WHERE name <> ?".to_owned();
        run(connection, sql, values![self.owner]).await?;
        Ok(())
    }
}

/// What the rows look like from afar: one statement, and the only one while nothing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What time it is by the clock of the database.
    pub now: Timestamp,
    /// When the earliest first send that nobody holds is due.
    pub first: Option<Timestamp>,
    /// When the earliest further attempt that nobody holds is due.
    pub again: Option<Timestamp>,
    /// Whether another process is dead, and may hold something.
    pub is_abandoned: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) owner: String,
}

/// Whether the owner of the row `m` is dead.
pub(super) fn is_abandoned(now: &str) -> String {
    format!(
        "m.owner IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM processes AS p WHERE p.name = m.owner AND p.lease_until > {now})"
    )
}

impl Access for Look {
    type Answer = Sight;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Sight, sqlx::Error> {
        let now = now(connection.dialect());
        let earliest = |lane| {
            format!(
                "(SELECT m.next_at FROM messages AS m WHERE m.lane = {lane} AND m.owner IS NULL \
                 ORDER BY m.next_at LIMIT 1)"
            )
        };
        // Only who asks for the rows of the dead reads through what is due.
        let sql = format!(
            "SELECT {now} AS now, {first} AS first, {again} AS again,
                 (SELECT count(*) FROM processes AS p WHERE p.lease_until <= {now} AND p.name <> ?) AS dead",
            first = earliest(lane::FIRST),
            again = earliest(lane::AGAIN),
        );
        let row = fetch_one(connection, sql, values![self.owner]).await?.ok_or(sqlx::Error::RowNotFound)?;
        Ok(Sight {
            now: row::instant(&row, "now")?,
            first: row::optional_instant(&row, "first")?,
            again: row::optional_instant(&row, "again")?,
            is_abandoned: row.int("dead")? > 0,
        })
    }
}

/// Forgets processes that are long dead, and hold nothing.
#[derive(Clone, Debug)]
pub(super) struct Bury;

/// How long a process is dead before it is forgotten: a claim that it asked for with its last breath is made by then.
const BURIED: Duration = Duration::from_secs(60);

impl Access for Bury {
    type Answer = ();
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let now = now(connection.dialect());
        let sql = format!("DELETE FROM processes WHERE lease_until <= {now} - ?");
        run(connection, sql, values![micros(BURIED)]).await?;
        Ok(())
    }
}
