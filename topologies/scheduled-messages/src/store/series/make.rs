//! Making messages of the occurrences that come soon.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz};
use squall_connect::Fence;
use squall_connect::sql::{Access, Connection};

use super::row;
use crate::message::{NewMessage, WallTime};
use crate::recurrence::{Made, Occurrence};
use crate::series::{Series, SeriesState};
use crate::store::dialect::{now, skip_locked};
use crate::store::insert::{self, InsertAll};
use crate::store::{fetch, micros, row as columns, run, values};
use crate::tids::Tids;
use crate::when::{self, Fold};

/// How long before it is due an occurrence becomes a message.
pub const AHEAD: Duration = Duration::from_secs(60);

/// How many series are looked at in one transaction, and how many occurrences of each are made.
const SERIES: u32 = 16;
const EACH: usize = 64;

/// What a step made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Making {
    /// How many messages.
    pub messages: usize,
    /// When the earliest of them is due.
    pub earliest: Option<Timestamp>,
    /// Whether there is more to make at once.
    pub is_partial: bool,
}

/// Makes the occurrences that are due within `ahead`, up to a number of them.
#[derive(Clone, Debug)]
pub(in crate::store) struct Make {
    pub(in crate::store) ahead: Duration,
    pub(in crate::store) tids: Arc<Tids>,
    pub(in crate::store) who: String,
}

/// A series as it was found.
struct Found {
    series: Series,
    fence: Fence,
    now: Timestamp,
}

impl Access for Make {
    type Answer = Making;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Making, sqlx::Error> {
        let found = self.find(connection).await?;
        let Some(now) = found.first().map(|found| found.now) else { return Ok(Making::default()) };
        let until = now.saturating_add(self.ahead).unwrap_or(now);
        let mut making = Making {
            is_partial: u32::try_from(found.len()).is_ok_and(|found| found == SERIES),
            ..Making::default()
        };
        let mut rows = Vec::new();
        for found in found {
            let made = due(&found.series, now, until);
            write(&found, &made, connection).await?;
            let Ok(made) = made else { continue };
            making.is_partial |= made.next.is_some_and(|next| next <= until);
            let messages = made.occurrences.into_iter().map(|occurrence| message(&found.series, occurrence));
            rows.extend(messages.map(|message| {
                let id = found.series.id.message(message.due_at);
                let (rkey, who) = (self.tids.next(id, now), self.who.clone());
                insert::Insert { id, rkey, message, request: None, now, who }
            }));
        }
        making.messages = rows.len();
        making.earliest = rows.iter().map(|row| row.message.due_at).min();
        if !rows.is_empty() {
            // A message that is there already, from before an edit, say, stays as it is.
            InsertAll { rows }.run(connection).await?;
        }
        Ok(making)
    }
}

impl Make {
    async fn find(&self, connection: &mut Connection<'_>) -> Result<Vec<Found>, sqlx::Error> {
        let dialect = connection.dialect();
        let now = now(dialect);
        let sql = format!(
            "SELECT {}, {now} AS now FROM series AS s WHERE s.next_at <= {now} + ? ORDER BY s.next_at LIMIT ? {}",
            row::COLUMNS,
            skip_locked(dialect),
        );
        let rows = fetch(connection, sql, values![micros(self.ahead), SERIES]).await?;
        let found = rows.iter().map(|found| {
            Ok(Found {
                series: row::series(found)?,
                fence: Fence::new(found.int("fence")?),
                now: columns::instant(found, "now")?,
            })
        });
        found.collect()
    }
}

/// What is to be made of a series.
fn due(series: &Series, now: Timestamp, until: Timestamp) -> Result<Made, String> {
    let recurrence = series.recurrence(tz::db())?;
    let next = series.next_at.unwrap_or(now);
    let before = next.checked_sub(SignedDuration::from_micros(1)).unwrap_or(next);
    Ok(recurrence.make(before, now, until, series.made, EACH))
}

/// The message for an occurrence.
fn message(series: &Series, occurrence: Occurrence) -> NewMessage {
    let Occurrence { wall, instant } = occurrence;
    // Which of two repeated hours it is: what the wall time means has to stay the same.
    let zone = tz::db().get(&series.zone).ok();
    let fold = [Fold::Earlier, Fold::Later].into_iter().find(|fold| {
        let resolved = zone.as_ref().and_then(|zone| when::resolve(wall, zone, *fold).ok());
        resolved.is_some_and(|resolved| resolved.instant == instant)
    });
    NewMessage {
        given: fold.map(|fold| WallTime { wall: wall.to_string(), zone: series.zone.clone(), fold }),
        not_after: series.not_after.and_then(|late| instant.checked_add(late).ok()),
        series: Some(series.id.0),
        ..NewMessage::new(&series.account, &series.destination, &series.text, instant)
    }
}

/// Writes down how far a series is, or why it cannot go on.
async fn write(
    found: &Found,
    made: &Result<Made, String>,
    connection: &mut Connection<'_>,
) -> Result<(), sqlx::Error> {
    let series = &found.series;
    let at = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let (state, next_at, last_at, count, error) = match made {
        Ok(made) => {
            let state = if made.next.is_some() { SeriesState::Active } else { SeriesState::Ended };
            let last = made.occurrences.last().map(|last| last.instant).or(series.last_at);
            (state, made.next, last, made.occurrences.len(), None)
        }
        Err(why) => (SeriesState::Paused, None, series.last_at, 0, Some(why.clone())),
    };
    let sql = "UPDATE series SET state = ?, next_at = ?, last_at = ?, made = made + ?, last_error = ?, fence = fence + 1
               WHERE id = ? AND fence = ?";
    let values = values![
        state.name(),
        at(next_at),
        at(last_at),
        u32::try_from(count).unwrap_or(u32::MAX),
        error,
        series.id.to_string(),
        found.fence.get(),
    ];
    match run(connection, sql.to_owned(), values).await? {
        1 => Ok(()),
        // The row was locked: whatever wrote it is no part of this program. Nothing of this step may stay.
        _ => Err(sqlx::Error::RowNotFound),
    }
}
