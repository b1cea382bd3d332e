//! What people do to a series: always answered by what is so.

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, tz};
use squall_connect::sql::{Access, Connection};

use super::row;
use crate::message::MessageId;
use crate::series::{NewSeries, Series, SeriesId, SeriesState};
use crate::store::dialect::{for_update, now};
use crate::store::events::{Event, record};
use crate::store::{fetch, fetch_one, micros, row as columns, run, values};

/// What somebody wants done to a series.
#[derive(Clone, Debug)]
pub enum SeriesChange {
    /// Other words or another schedule, for what is not made yet.
    Edit(Box<NewSeries>),
    /// Make nothing until it is resumed.
    Pause,
    /// Go on with the next occurrence.
    Resume,
    /// Never make anything again.
    End,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesChanged {
    /// It is done; this is the series now.
    Updated(Series),
    /// It has ended: nothing changes it any more.
    Ended(Series),
    /// Somebody else changed it since it was read: it has another version.
    Outdated(Series),
    /// Its schedule is not understood any more: why, as a sentence. It can be edited, or ended.
    Broken(Series, String),
    /// There is no such series.
    Missing,
}

/// Changes one series.
#[derive(Clone, Debug)]
pub(in crate::store) struct Apply {
    pub(in crate::store) id: SeriesId,
    pub(in crate::store) change: SeriesChange,
    /// The version that whoever changes it has seen.
    pub(in crate::store) version: Option<i64>,
    pub(in crate::store) who: String,
}

impl Access for Apply {
    type Answer = SeriesChanged;

    async fn run(self, connection: &mut Connection<'_>) -> Result<SeriesChanged, sqlx::Error> {
        let dialect = connection.dialect();
        let sql = format!(
            "SELECT {}, {} AS now FROM series AS s WHERE s.id = ? {}",
            row::COLUMNS,
            now(dialect),
            for_update(dialect),
        );
        let Some(found) = fetch_one(connection, sql, values![self.id.to_string()]).await? else {
            return Ok(SeriesChanged::Missing);
        };
        let now = columns::instant(&found, "now")?;
        let before = row::series(&found)?;
        if self.version.is_some_and(|version| version != before.version) {
            return Ok(SeriesChanged::Outdated(before));
        }
        let (what, to) = match &self.change {
            SeriesChange::Edit(_) => ("edited", before.state),
            SeriesChange::Pause => ("paused", SeriesState::Paused),
            SeriesChange::Resume => ("resumed", SeriesState::Active),
            SeriesChange::End => ("ended", SeriesState::Ended),
        };
        let is_edit = matches!(self.change, SeriesChange::Edit(_));
        if !before.state.may_become(to) || is_edit && before.state == SeriesState::Ended {
            return Ok(SeriesChanged::Ended(before));
        }
        if before.state == to && !is_edit {
            return Ok(SeriesChanged::Updated(before));
        }
        let after = match after(before.clone(), self.change, to, now, tz::db()) {
            Ok(after) => after,
            Err(why) => return Ok(SeriesChanged::Broken(before, why)),
        };
        write(&after, connection).await?;
        // The trail is one for everything that has an id.
        let message = MessageId(self.id.0);
        let event =
            Event { message, at: now, who: self.who, what, attempt: None, began_at: None, detail: None };
        record(&[event], connection).await?;
        Ok(SeriesChanged::Updated(after))
    }
}

/// The series as the change leaves it.
fn after(
    before: Series,
    change: SeriesChange,
    to: SeriesState,
    now: Timestamp,
    zones: &TimeZoneDatabase,
) -> Result<Series, String> {
    let mut after = Series { state: to, version: before.version + 1, ..before };
    if let SeriesChange::Edit(edit) = change {
        let NewSeries { text, recurrence, not_after, .. } = *edit;
        after.text = text;
        after.cron = recurrence.cron.to_string();
        after.zone = recurrence.zone.iana_name().unwrap_or("UTC").to_owned();
        after.catch_up = recurrence.catch_up;
        (after.from, after.until, after.count) = (recurrence.from, recurrence.until, recurrence.count);
        after.not_after = not_after;
    }
    after.next_at = None;
    if to == SeriesState::Active {
        after.last_error = None;
        // What is made already is not made again, and what fell into a pause is not made at all.
        let behind = after.last_at.map_or(now, |last| last.max(now));
        let left = after.count.is_none_or(|count| after.made < count);
        let next = after.recurrence(zones)?.next_after(behind).filter(|_| left);
        after.next_at = next.map(|next| next.instant);
        if next.is_none() {
            after.state = SeriesState::Ended;
        }
    }
    Ok(after)
}

async fn write(after: &Series, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
    let sql = "UPDATE series SET text = ?, cron = ?, zone = ?, catch_up = ?, from_at = ?, until_at = ?, max_count = ?,
                   not_after = ?, state = ?, version = ?, fence = fence + 1, next_at = ?, last_error = ?
               WHERE id = ?";
    let at = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let values = values![
        after.text.clone(),
        after.cron.clone(),
        after.zone.clone(),
        after.catch_up.name(),
        at(after.from),
        at(after.until),
        after.count,
        after.not_after.map(micros),
        after.state.name(),
        after.version,
        at(after.next_at),
        after.last_error.clone(),
        after.id.to_string(),
    ];
    run(connection, sql.to_owned(), values).await?;
    Ok(())
}

/// Finds the next occurrences of a page of series anew, and returns the last of a full page.
pub(in crate::store) async fn find_next_anew(
    after: Option<SeriesId>,
    limit: u32,
    zones: &TimeZoneDatabase,
    connection: &mut Connection<'_>,
) -> Result<Option<SeriesId>, sqlx::Error> {
    let dialect = connection.dialect();
    let clock = now(dialect);
    // What is due is made of what it was: an occurrence that was missed is not forgotten.
    let sql = format!(
        "SELECT {}, {clock} AS now FROM series AS s WHERE s.id > ? AND s.next_at > {clock} ORDER BY s.id LIMIT ? {}",
        row::COLUMNS,
        for_update(dialect),
    );
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let rows = fetch(connection, sql, values![after, limit]).await?;
    for found in &rows {
        let series = row::series(found)?;
        let now = columns::instant(found, "now")?;
        let behind = series.last_at.map_or(now, |last| last.max(now));
        // One that is not understood any more waits with its reason when it is due.
        let Ok(recurrence) = series.recurrence(zones) else { continue };
        let next_at = recurrence.next_after(behind).map(|next| next.instant);
        if let Some(next_at) = next_at.filter(|next_at| Some(*next_at) != series.next_at) {
            let sql = "UPDATE series SET next_at = ?, fence = fence + 1 WHERE id = ?".to_owned();
            run(connection, sql, values![next_at.as_microsecond(), series.id.to_string()]).await?;
        }
    }
    let is_full = u32::try_from(rows.len()).is_ok_and(|length| length == limit);
    rows.last().filter(|_| is_full).map(|last| row::series(last).map(|series| series.id)).transpose()
}
