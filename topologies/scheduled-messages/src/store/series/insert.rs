//! Making rows.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::row;
use crate::series::{NewSeries, Series, SeriesId, SeriesState};
use crate::store::dialect::{now, or_ignore};
use crate::store::{Request, fetch_one, micros, row as columns, run, values};

/// What became of a series that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesInserted {
    /// It is stored.
    New(Series),
    /// The same request stored it before; this is how it stands now.
    Known(Series),
    /// Another request had the same key; nothing is stored.
    Taken,
}

/// Makes a row in `active`, but none for a request that made one before.
#[derive(Clone, Debug)]
pub(in crate::store) struct Insert {
    pub(in crate::store) id: SeriesId,
    pub(in crate::store) series: NewSeries,
    pub(in crate::store) request: Option<Request>,
    pub(in crate::store) who: String,
}

impl Access for Insert {
    type Answer = SeriesInserted;

    async fn run(self, connection: &mut Connection<'_>) -> Result<SeriesInserted, sqlx::Error> {
        let dialect = connection.dialect();
        let clock = fetch_one(connection, format!("SELECT {} AS now", now(dialect)), []).await?;
        let now = columns::instant(&clock.ok_or(sqlx::Error::RowNotFound)?, "now")?;
        let (series, who) = (self.row(now), self.who);
        let (key, content) = self.request.clone().map(|request| (request.key, request.content)).unzip();
        let sql = format!(
            "INSERT INTO series (id, account, destination, text, cron, zone, catch_up, from_at, until_at, max_count,
                 not_after, state, version, fence, created_at, created_by, next_at, made, request_key, request)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?, 0, ?, ?) {}",
            or_ignore(dialect, "series.version"),
        );
        let at = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
        let values = values![
            series.id.to_string(),
            series.account.clone(),
            series.destination.clone(),
            series.text.clone(),
            series.cron.clone(),
            series.zone.clone(),
            series.catch_up.name(),
            at(series.from),
            at(series.until),
            series.count,
            series.not_after.map(micros),
            series.state.name(),
            now.as_microsecond(),
            who,
            at(series.next_at),
            key,
            content,
        ];
        run(connection, sql, values).await?;
        match self.request {
            // Without a key there is nothing to be taken.
            None => Ok(SeriesInserted::New(series)),
            Some(request) => {
                let known = known(&request, connection).await?;
                Ok(match known {
                    Some(SeriesInserted::Known(known)) if known.id == series.id => {
                        SeriesInserted::New(series)
                    }
                    Some(known) => known,
                    None => SeriesInserted::Taken,
                })
            }
        }
    }
}

impl Insert {
    /// What is stored.
    fn row(&self, now: Timestamp) -> Series {
        let NewSeries { account, destination, text, recurrence, not_after } = self.series.clone();
        Series {
            id: self.id,
            account,
            destination,
            text,
            cron: recurrence.cron.to_string(),
            zone: recurrence.zone.iana_name().unwrap_or("UTC").to_owned(),
            catch_up: recurrence.catch_up,
            from: recurrence.from,
            until: recurrence.until,
            count: recurrence.count,
            not_after,
            state: SeriesState::Active,
            version: 1,
            created_at: now,
            next_at: recurrence.next_after(now).map(|next| next.instant),
            last_at: None,
            made: 0,
            last_error: None,
        }
    }
}

/// What a request with this key stored before.
#[derive(Clone, Debug)]
pub(in crate::store) struct Known(pub(in crate::store) Request);

impl Access for Known {
    /// Never `New`.
    type Answer = Option<SeriesInserted>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        known(&self.0, connection).await
    }
}

async fn known(
    request: &Request,
    connection: &mut Connection<'_>,
) -> Result<Option<SeriesInserted>, sqlx::Error> {
    let sql = format!("SELECT {}, s.request FROM series AS s WHERE s.request_key = ?", row::COLUMNS);
    let Some(found) = fetch_one(connection, sql, values![request.key.clone()]).await? else {
        return Ok(None);
    };
    let is_same = found.text("request")? == request.content;
    Ok(Some(if is_same { SeriesInserted::Known(row::series(&found)?) } else { SeriesInserted::Taken }))
}
