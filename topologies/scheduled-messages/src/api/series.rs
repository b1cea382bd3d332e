//! The HTTP interface: `/api/v1/series`.
//!
//! | request | does |
//! |---|---|
//! | `POST /series` | stores a series; repeated with the same `Idempotency-Key`, it does so once |
//! | `GET /series`, `GET /series/ID` | shows them |
//! | `PATCH /series/ID` | changes what is not made yet; `null` takes away what may be absent |
//! | `POST /series/ID/pause`, `/resume`, `/end` | as they say |
//! | `GET /series/ID/trail` | shows who changed it, and when |
//! | `GET /series/ID/preview` | the next occurrences |
//! | `POST /series/preview` | the next occurrences of a schedule that is not stored |

mod draft;
pub(crate) mod preview;

pub use draft::{ScheduleDraft, SeriesDraft, SeriesEdit};

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, Route, web};
use jiff::{Timestamp, tz};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::actor::{self, Actor};
use super::key::{self, Key};
use super::unavailable;
use super::version::{self, IfMatch};
use crate::destination::Destinations;
use crate::series::{NewSeries, Series, SeriesId, SeriesState};
use crate::store::{Happening, Request, SeriesChange, SeriesChanged, SeriesFilter, SeriesInserted, Store};

/// Where series are.
pub(crate) const PATH: &str = "/api/v1/series";

/// How many series a page has, unless the request says; and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

const EXAMPLE: &str = r#"{"account": "me", "destination": "inbox", "text": "Good morning", "cron": "0 9 * * MON-FRI", "zone": "Europe/Berlin"}"#;
const EDIT: &str = r#"{"text": "Good morning all", "count": 10}"#;
const SCHEDULE: &str = r#"{"cron": "30 2 * * *", "zone": "Europe/Berlin"}"#;

const ONE: &str = "/api/v1/series/{id}";
const NOTHING: &str = "It has another version now: nothing was changed.";

type Handler = fn(Route) -> Route;

pub(super) fn operations() -> Vec<Operation> {
    let get = |path, id, about, handler: Handler| Operation::new(Method::GET, path, id, about, handler);
    let post = |path, id, about, handler: Handler| Operation::new(Method::POST, path, id, about, handler);
    let change = |operation: Operation| {
        operation
            .header(version::HEADER)
            .header(actor::HEADER)
            .answers::<Series>(200, "As it is now; `ETag` is its version.")
            .refuses(409, "It has ended, or cannot go on.")
            .refuses(412, NOTHING)
    };
    vec![
        post(PATH, "createSeries", "Stores a series: messages that recur.", |route| route.to(create))
            .header(key::HEADER)
            .header(actor::HEADER)
            .takes::<SeriesDraft>(EXAMPLE)
            .answers::<Series>(201, "It is stored.")
            .answers::<Series>(200, "The same request stored it before; this is how it stands now.")
            .refuses(409, "Another request had the same key."),
        get(PATH, "listSeries", "Lists series.", |route| route.to(list))
            .query::<Query>()
            .answers::<Page>(200, "Some of them."),
        post("/api/v1/series/preview", "previewSchedule", "Shows when a schedule runs.", |route| {
            route.to(preview::of_schedule)
        })
        .query::<preview::Query>()
        .takes::<ScheduleDraft>(SCHEDULE)
        .answers::<preview::Preview>(200, "Its next occurrences."),
        get(ONE, "getSeries", "Shows a series.", |route| route.to(show))
            .answers::<Series>(200, "As it stands; `ETag` is its version."),
        change(
            Operation::new(Method::PATCH, ONE, "editSeries", "Changes what is not made yet.", |route| {
                route.to(edit)
            })
            .takes::<SeriesEdit>(EDIT),
        ),
        get("/api/v1/series/{id}/preview", "previewSeries", "Shows when a series runs next.", |route| {
            route.to(preview::of_series)
        })
        .query::<preview::Query>()
        .answers::<preview::Preview>(200, "Its next occurrences.")
        .refuses(409, "It cannot go on."),
        get(
            "/api/v1/series/{id}/trail",
            "getSeriesTrail",
            "Tells who changed a series, and when.",
            |route| route.to(trail),
        )
        .answers::<Trail>(200, "All of it, oldest first."),
        change(post(
            "/api/v1/series/{id}/pause",
            "pauseSeries",
            "Makes no message until it is resumed.",
            |route| route.to(pause),
        )),
        change(post("/api/v1/series/{id}/resume", "resumeSeries", "Goes on behind a pause.", |route| {
            route.to(resume)
        })),
        change(post("/api/v1/series/{id}/end", "endSeries", "Makes no message any more.", |route| {
            route.to(end)
        })),
    ]
}

async fn create(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    Key(key): Key,
    Actor(who): Actor,
    JsonBody(draft): JsonBody<SeriesDraft>,
) -> Result<HttpResponse, Problem> {
    let (series, is_new) = begin(&store, &destinations, draft, key, &who).await?;
    Ok(answer(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &series))
}

/// Stores a series, unless the request with this key did so before; tells whether it is new.
pub(crate) async fn begin(
    store: &Store,
    destinations: &Destinations,
    draft: SeriesDraft,
    key: Option<String>,
    who: &str,
) -> Result<(Series, bool), Problem> {
    let asked = match key {
        Some(key) => {
            let content =
                serde_json::to_string(&draft).map_err(|error| Problem::internal(error.to_string()))?;
            Some(Request { key, content })
        }
        None => None,
    };
    // Before it is checked: a repetition may come when the last occurrence has passed.
    let known = match &asked {
        Some(asked) => store.known_series(asked.clone()).await.map_err(|error| unavailable(&error))?,
        None => None,
    };
    let inserted = match known {
        Some(known) => known,
        None => {
            let series = draft.check(Timestamp::now(), destinations, tz::db())?;
            store.insert_series(series, asked, who).await.map_err(|error| unavailable(&error))?
        }
    };
    match inserted {
        SeriesInserted::New(series) => Ok((series, true)),
        SeriesInserted::Known(series) => Ok((series, false)),
        SeriesInserted::Taken => Err(Problem::conflict(
            "Another series was asked for with this Idempotency-Key; nothing was stored. Use a new key for each series.",
        )),
    }
}

/// What a listing is narrowed to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// Only those of this account.
    account: Option<String>,
    /// Only those in this state: `active`, `paused` or `ended`.
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most: 1 to 1000; 100.
    limit: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SeriesPage")]
struct Page {
    series: Vec<Series>,
    /// The `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    next: Option<SeriesId>,
}

async fn list(
    store: web::Data<Store>,
    web::Query(query): web::Query<Query>,
) -> Result<web::Json<Page>, Problem> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let state = query.state.as_deref().map(|name| {
        SeriesState::parse(name).ok_or_else(|| {
            Problem::bad_request("The parameter `state` must be one of `active`, `paused` and `ended`.")
        })
    });
    let after = query.after.as_deref().map(|after| {
        SeriesId::parse(after).ok_or_else(|| {
            Problem::bad_request("The parameter `after` must be the `next` of the page before.")
        })
    });
    let filter =
        SeriesFilter { account: query.account, state: state.transpose()?, after: after.transpose()? };
    let series = store.list_series(filter, limit).await.map_err(|error| unavailable(&error))?;
    let is_full = u32::try_from(series.len()).is_ok_and(|length| length == limit);
    let next = series.last().map(|last| last.id).filter(|_| is_full);
    Ok(web::Json(Page { series, next }))
}

async fn show(store: web::Data<Store>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Ok(answer(StatusCode::OK, &find(&store, &id).await?))
}

async fn edit(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    id: web::Path<String>,
    IfMatch(wanted): IfMatch,
    Actor(who): Actor,
    JsonBody(edit): JsonBody<SeriesEdit>,
) -> Result<HttpResponse, Problem> {
    loop {
        let series = find(&store, &id).await?;
        if series.state == SeriesState::Ended {
            return answer_change(SeriesChanged::Ended(series));
        }
        if wanted.is_some_and(|wanted| wanted != series.version) {
            return answer_change(SeriesChanged::Outdated(series));
        }
        let edited = edit.clone().over(&series).check(Timestamp::now(), &destinations, tz::db())?;
        let changed = change(&store, series.id, edited, series.version, &who).await?;
        // Without a version of the caller's, the edit is made of whatever is there by then.
        if wanted.is_some() || !matches!(changed, SeriesChanged::Outdated(_)) {
            return answer_change(changed);
        }
    }
}

async fn change(
    store: &Store,
    id: SeriesId,
    edited: NewSeries,
    version: i64,
    who: &str,
) -> Result<SeriesChanged, Problem> {
    let edit = SeriesChange::Edit(Box::new(edited));
    store.change_series(id, edit, Some(version), who).await.map_err(|error| unavailable(&error))
}

async fn pause(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    act(&store, &id, SeriesChange::Pause, if_match, &who).await
}

async fn resume(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    act(&store, &id, SeriesChange::Resume, if_match, &who).await
}

async fn end(
    store: web::Data<Store>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
) -> Result<HttpResponse, Problem> {
    act(&store, &id, SeriesChange::End, if_match, &who).await
}

async fn act(
    store: &Store,
    id: &str,
    change: SeriesChange,
    IfMatch(version): IfMatch,
    who: &str,
) -> Result<HttpResponse, Problem> {
    Ok(answer(StatusCode::OK, &changed(store, id, change, version, who).await?))
}

/// Changes a series, or says why it was not changed.
pub(crate) async fn changed(
    store: &Store,
    id: &str,
    change: SeriesChange,
    version: Option<i64>,
    who: &str,
) -> Result<Series, Problem> {
    let changed = store.change_series(parse(id)?, change, version, who).await;
    settled(changed.map_err(|error| unavailable(&error))?)
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SeriesTrail")]
struct Trail {
    trail: Vec<Happening>,
}

async fn trail(store: web::Data<Store>, id: web::Path<String>) -> Result<web::Json<Trail>, Problem> {
    let series = find(&store, &id).await?;
    let trail = store.series_trail(series.id).await.map_err(|error| unavailable(&error))?;
    Ok(web::Json(Trail { trail }))
}

fn answer_change(changed: SeriesChanged) -> Result<HttpResponse, Problem> {
    Ok(answer(StatusCode::OK, &settled(changed)?))
}

fn settled(changed: SeriesChanged) -> Result<Series, Problem> {
    match changed {
        SeriesChanged::Updated(series) => Ok(series),
        SeriesChanged::Ended(series) => Err(Problem::conflict(format!(
            "The series {} has ended, and stays so. Make a new one of it.",
            series.id
        ))),
        SeriesChanged::Outdated(series) => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            format!(
                "Somebody else changed the series {} meanwhile; nothing was changed. Look at it as it is now, and \
                 change it with its new ETag.",
                series.id
            ),
        )
        .member("version", series.version)),
        SeriesChanged::Broken(series, why) => Err(Problem::conflict(format!(
            "The series {} cannot go on: {why} Change its schedule, or end it.",
            series.id
        ))),
        SeriesChanged::Missing => Err(Problem::not_found("There is no such series.")),
    }
}

/// A series with its version as `ETag`.
fn answer(status: StatusCode, series: &Series) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((ETAG, format!("\"v{}\"", series.version)));
    if status == StatusCode::CREATED {
        answer.insert_header((LOCATION, format!("{PATH}/{}", series.id)));
    }
    answer.json(series)
}

fn parse(id: &str) -> Result<SeriesId, Problem> {
    SeriesId::parse(id).ok_or_else(|| {
        Problem::not_found(format!(
            "`{id}` is not the id of a series, which looks like 01890a5d-ac96-774b-bcce-b302099a8057."
        ))
    })
}

pub(crate) async fn find(store: &Store, id: &str) -> Result<Series, Problem> {
    let id = parse(id)?;
    let found = store.series(id).await.map_err(|error| unavailable(&error))?;
    found.ok_or_else(|| Problem::not_found(format!("There is no series {id}.")))
}
