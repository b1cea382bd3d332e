//! What a new edition of the time zone database changes.
//!
//! Rows keep the wall time that was asked for beside the instant that it meant. When a country changes its clocks, the
//! instants are found anew. The edition that they were last found by is written down, so that this is done once,
//! whichever process sees the new one first; done twice, it changes nothing the second time.

use jiff::tz::{self, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use squall_connect::sql::{Access, Connection, Error, Row};

use super::dialect::{Column, for_update, now, update};
use super::events::{Event, record};
use super::{Store, fetch, fetch_one, lane, row, run, series, values};
use crate::message::MessageId;
use crate::series::SeriesId;
use crate::state::State;
use crate::when::{Fold, Wall};

/// The name of the fact that tells the edition.
const FACT: &str = "time_zones";

impl Store {
    /// Finds the instants of wall times anew, if `edition` of the time zone database is not the one that they were
    /// found by; returns how many messages moved. It is done in steps, and may be asked for again.
    ///
    /// # Errors
    ///
    /// It could not be written to the end.
    pub async fn follow_zones(&self, edition: &str) -> Result<u64, Error> {
        let known = self.inner.database.read(Known).await?;
        if known.as_deref() == Some(edition) {
            return Ok(0);
        }
        // What was read of the edition before must not be taken for this one.
        tz::db().reset();
        let moved = self.find_instants_anew(tz::db()).await?;
        self.inner.database.write(Note(edition.to_owned())).await?;
        tracing::info!(edition, before = known, moved, "The time zones are those of another edition.");
        Ok(moved)
    }

    async fn find_instants_anew(&self, zones: &TimeZoneDatabase) -> Result<u64, Error> {
        const STEP: u32 = 500;
        let (database, mut moved, mut before) = (&self.inner.database, 0, String::new());
        while let Some(zone) = database.read(NextZone(before)).await? {
            for lane in LANES {
                let mut after = Some(String::new());
                while let Some(last) = after {
                    let (zone, who) = (zone.clone(), self.owner().to_owned());
                    let page = Move { zone, lane, after: last, limit: STEP, zones: zones.clone(), who };
                    let page = database.write(page).await?;
                    moved += page.messages as u64;
                    if let Some(at) = page.earliest {
                        self.inner.wake.ring(at);
                    }
                    after = page.last;
                }
            }
            before = zone;
        }
        let mut after = None;
        loop {
            let page = MoveSeries { after, limit: STEP, zones: zones.clone() };
            after = database.write(page).await?;
            if after.is_none() {
                return Ok(moved);
            }
        }
    }
}

/// The edition that the instants were last found by.
#[derive(Clone, Debug)]
struct Known;

impl Access for Known {
    type Answer = Option<String>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<String>, sqlx::Error> {
        let sql = "SELECT value FROM facts WHERE name = ?".to_owned();
        fetch_one(connection, sql, values![FACT]).await?.map(|row| row.text("value")).transpose()
    }
}

/// Writes down that all instants are found by an edition.
#[derive(Clone, Debug)]
struct Note(String);

impl Access for Note {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        run(connection, "DELETE FROM facts WHERE name = ?".to_owned(), values![FACT]).await?;
        let sql = "INSERT INTO facts (name, value) VALUES (?, ?)".to_owned();
        run(connection, sql, values![FACT, self.0]).await?;
        Ok(())
    }
}

/// The first zone behind another that some message names.
#[derive(Clone, Debug)]
struct NextZone(String);

impl Access for NextZone {
    type Answer = Option<String>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<String>, sqlx::Error> {
        let sql = "SELECT min(zone) AS zone FROM messages WHERE zone > ? AND lane IS NOT NULL".to_owned();
        fetch_one(connection, sql, values![self.0]).await?.map_or(Ok(None), |row| row.optional_text("zone"))
    }
}

/// A page of the messages that wait in a lane for a wall time in a zone.
#[derive(Clone, Debug)]
struct Move {
    zone: String,
    lane: i64,
    /// The last id of the page before.
    after: String,
    limit: u32,
    zones: TimeZoneDatabase,
    who: String,
}

/// The lanes of what nobody has tried to send yet.
const LANES: [i64; 2] = [lane::FIRST, lane::SUSPENDED];

/// What a page came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Moved {
    messages: usize,
    earliest: Option<Timestamp>,
    /// The last id; `None` if there is no further page.
    last: Option<String>,
}

/// A message whose wall time means another instant now.
struct Shift {
    id: MessageId,
    from: Timestamp,
    to: Timestamp,
    not_after: Option<Timestamp>,
}

impl Access for Move {
    type Answer = Moved;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Moved, sqlx::Error> {
        let dialect = connection.dialect();
        let sql = format!(
            "SELECT m.id, m.wall, m.fold, m.due_at, m.not_after, {} AS now FROM messages AS m
             WHERE m.zone = ? AND m.lane = ? AND m.id > ? AND m.attempts = 0 AND m.state IN ('{}', '{}')
             ORDER BY m.id LIMIT ? {}",
            now(dialect),
            State::Scheduled,
            State::Suspended,
            for_update(dialect),
        );
        let values = values![self.zone.clone(), self.lane, self.after.clone(), self.limit];
        let rows = fetch(connection, sql, values).await?;
        let Some(first) = rows.first() else { return Ok(Moved::default()) };
        let at = row::instant(first, "now")?;
        let is_full = u32::try_from(rows.len()).is_ok_and(|length| length == self.limit);
        let last = rows.last().filter(|_| is_full).map(|last| last.text("id")).transpose()?;
        let mut shifts = Vec::new();
        for row in &rows {
            shifts.extend(self.shift(row)?);
        }
        let earliest = shifts.iter().map(|shift| shift.to).min();
        if !shifts.is_empty() {
            self.write(&shifts, at, connection).await?;
        }
        Ok(Moved { messages: shifts.len(), earliest, last })
    }
}

impl Move {
    /// What becomes of a message; `None` if it stays where it is.
    fn shift(&self, row: &Row) -> Result<Option<Shift>, sqlx::Error> {
        let (id, from) = (row::id(row)?, row::instant(row, "due_at")?);
        let fold = row.optional_text("fold")?.as_deref().and_then(Fold::parse).unwrap_or_default();
        let Some(Ok(at)) = row.optional_text("wall")?.map(|wall| wall.parse()) else { return Ok(None) };
        let to = match (Wall { at, zone: self.zone.clone(), fold }).resolve(&self.zones) {
            Ok(resolved) => resolved.instant,
            Err(error) => {
                tracing::warn!(%id, error, "A message keeps the instant that its wall time meant before.");
                return Ok(None);
            }
        };
        // How late it may be stays the same.
        let later = to.duration_since(from);
        let not_after = row::optional_instant(row, "not_after")?.and_then(|at| at.checked_add(later).ok());
        Ok((later != SignedDuration::ZERO).then_some(Shift { id, from, to, not_after }))
    }

    async fn write(
        self,
        shifts: &[Shift],
        at: Timestamp,
        connection: &mut Connection<'_>,
    ) -> Result<(), sqlx::Error> {
        let batch = shifts.iter().map(|Shift { id, to, not_after, .. }| {
            json!({
                "id": id.to_string(),
                "due_at": to.as_microsecond(),
                "not_after": not_after.map(Timestamp::as_microsecond),
            })
        });
        let columns = [Column::Key("id"), Column::Int("due_at"), Column::Int("not_after")];
        let set = [
            ("due_at", "b.due_at"),
            ("next_at", "b.due_at"),
            ("not_after", "b.not_after"),
            ("version", "m.version + 1"),
            ("fence", "m.fence + 1"),
        ];
        let sql = update(connection.dialect(), &columns, &set, "m.id = b.id");
        run(connection, sql, values![Value::Array(batch.collect()).to_string()]).await?;
        let events = shifts.iter().map(|Shift { id, from, to, .. }| Event {
            message: *id,
            at,
            who: self.who.clone(),
            what: "moved",
            attempt: None,
            began_at: None,
            detail: Some(format!("the clocks of {} were changed: from {from} to {to}", self.zone)),
        });
        record(&events.collect::<Vec<_>>(), connection).await
    }
}

/// A page of the series that go on: their next occurrences are found anew.
#[derive(Clone, Debug)]
struct MoveSeries {
    /// The last one of the page before.
    after: Option<SeriesId>,
    limit: u32,
    zones: TimeZoneDatabase,
}

impl Access for MoveSeries {
    /// The last one; `None` if there is no further page.
    type Answer = Option<SeriesId>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<SeriesId>, sqlx::Error> {
        series::find_next_anew(self.after, self.limit, &self.zones, connection).await
    }
}

#[cfg(test)]
mod tests;
