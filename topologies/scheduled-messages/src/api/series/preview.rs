//! What a schedule comes to: its next occurrences.

use actix_web::web;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::problem::JsonBody;

use super::{ScheduleDraft, find};
use crate::recurrence::Recurrence;
use crate::series::{Series, SeriesState};
use crate::store::Store;
use crate::when::{self, Fold, Note};

/// How many occurrences are shown, unless the request says; and at most.
const SHOWN: u32 = 10;
const MOST: u32 = 100;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// How many occurrences: up to 100; 10.
    count: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Preview {
    pub(crate) occurrences: Vec<Shown>,
}

/// An occurrence as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Occurrence")]
pub(crate) struct Shown {
    pub(crate) due_at: Timestamp,
    /// What the clocks of the zone show then.
    pub(crate) local: DateTime,
    /// The wall time that the schedule names, and what became of it.
    wall: DateTime,
    #[schemars(with = "serde_json::Value")]
    pub(crate) note: Note,
}

pub(super) async fn of_series(
    store: web::Data<Store>,
    id: web::Path<String>,
    web::Query(query): web::Query<Query>,
) -> Result<web::Json<Preview>, Problem> {
    next(&find(&store, &id).await?, query.count).map(web::Json)
}

/// The next occurrences of a series.
pub(crate) fn next(series: &Series, count: Option<u32>) -> Result<Preview, Problem> {
    if series.state == SeriesState::Ended {
        return Ok(Preview { occurrences: Vec::new() });
    }
    let recurrence = series.recurrence(tz::db()).map_err(Problem::conflict)?;
    let now = Timestamp::now();
    let behind = series.last_at.map_or(now, |last| last.max(now));
    Ok(preview(&recurrence, behind, series.made, count))
}

pub(super) async fn of_schedule(
    web::Query(query): web::Query<Query>,
    JsonBody(draft): JsonBody<ScheduleDraft>,
) -> Result<web::Json<Preview>, Problem> {
    of(draft, query.count).map(web::Json)
}

/// The next occurrences of a schedule.
pub(crate) fn of(draft: ScheduleDraft, count: Option<u32>) -> Result<Preview, Problem> {
    let now = Timestamp::now();
    Ok(preview(&draft.check(now, tz::db())?, now, 0, count))
}

fn preview(recurrence: &Recurrence, behind: Timestamp, made: u32, count: Option<u32>) -> Preview {
    let left = recurrence.count.map_or(u32::MAX, |count| count.saturating_sub(made));
    let count = count.unwrap_or(SHOWN).min(MOST).min(left);
    let shown = recurrence.after(behind).map(|next| Shown {
        due_at: next.instant,
        local: recurrence.zone.to_datetime(next.instant),
        wall: next.wall,
        note: note(recurrence, next.wall, next.instant),
    });
    Preview { occurrences: shown.take(usize::try_from(count).unwrap_or_default()).collect() }
}

/// What became of a wall time that means an instant.
fn note(recurrence: &Recurrence, wall: DateTime, instant: Timestamp) -> Note {
    let resolved = [Fold::Earlier, Fold::Later].map(|fold| when::resolve(wall, &recurrence.zone, fold));
    let same = resolved.into_iter().flatten().find(|resolved| resolved.instant == instant);
    same.map_or(Note::Exact, |resolved| resolved.note)
}
