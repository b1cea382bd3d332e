//! From columns to types and back.

use std::time::Duration;

use squall_connect::sql::Row;

use crate::recurrence::CatchUp;
use crate::series::{Series, SeriesId, SeriesState};
use crate::store::row::{instant, optional_instant, uuid};

/// The columns that make a [`Series`], of the table `s`.
pub(super) const COLUMNS: &str = "s.id, s.account, s.destination, s.text, s.cron, s.zone, s.catch_up, s.from_at, \
     s.until_at, s.max_count, s.not_after, s.state, s.version, s.fence, s.created_at, s.next_at, s.last_at, s.made, \
     s.last_error";

/// Makes a series of a row with [`COLUMNS`].
pub(super) fn series(row: &Row) -> Result<Series, sqlx::Error> {
    let (state, catch_up) = (row.text("state")?, row.text("catch_up")?);
    let unknown = |name: &str| sqlx::Error::Decode(format!("`{name}` is unknown in a series").into());
    let late = row.optional_int("not_after")?.map(u64::try_from).transpose();
    Ok(Series {
        id: SeriesId(uuid(&row.text("id")?)?),
        account: row.text("account")?,
        destination: row.text("destination")?,
        text: row.text("text")?,
        cron: row.text("cron")?,
        zone: row.text("zone")?,
        catch_up: CatchUp::parse(&catch_up).ok_or_else(|| unknown(&catch_up))?,
        from: optional_instant(row, "from_at")?,
        until: optional_instant(row, "until_at")?,
        count: row.optional_int("max_count")?.map(count).transpose()?,
        not_after: late.map_err(|error| sqlx::Error::Decode(error.into()))?.map(Duration::from_micros),
        state: SeriesState::parse(&state).ok_or_else(|| unknown(&state))?,
        version: row.int("version")?,
        created_at: instant(row, "created_at")?,
        next_at: optional_instant(row, "next_at")?,
        last_at: optional_instant(row, "last_at")?,
        made: count(row.int("made")?)?,
        last_error: row.optional_text("last_error")?,
    })
}

fn count(number: i64) -> Result<u32, sqlx::Error> {
    u32::try_from(number).map_err(|error| sqlx::Error::Decode(error.into()))
}
