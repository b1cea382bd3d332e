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
mod preview;

pub use draft::{ScheduleDraft, SeriesDraft, SeriesEdit};

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, IF_MATCH, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::problem::JsonBody;

use super::unavailable;
use crate::destination::Destinations;
use crate::series::{NewSeries, Series, SeriesId, SeriesState};
use crate::store::{Happening, Request, SeriesChange, SeriesChanged, SeriesFilter, SeriesInserted, Store};

/// Where series are.
pub(crate) const PATH: &str = "/api/v1/series";

/// How many series a page has, unless the request says; and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// The header by which a repeated request is known, and the longest key in it, in characters.
const KEY: &str = "Idempotency-Key";
const KEY_LIMIT: usize = 255;

/// Who did it, in the trail.
const WHO: &str = "api";

/// Adds the routes of the interface to a server, which has the store and the destinations as data.
pub(crate) fn routes(site: &mut web::ServiceConfig) {
    let below = |path: &str| web::resource(format!("{PATH}{path}"));
    site.service(below("").route(web::post().to(create)).route(web::get().to(list)))
        .service(below("/preview").route(web::post().to(preview::of_schedule)))
        .service(below("/{id}").route(web::get().to(show)).route(web::patch().to(edit)))
        .service(below("/{id}/preview").route(web::get().to(preview::of_series)))
        .service(below("/{id}/trail").route(web::get().to(trail)))
        .service(below("/{id}/{action:pause|resume|end}").route(web::post().to(act)));
}

async fn create(
    request: HttpRequest,
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    JsonBody(draft): JsonBody<SeriesDraft>,
) -> Result<HttpResponse, Problem> {
    let asked = match key(&request)? {
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
            let series = draft.check(Timestamp::now(), &destinations, tz::db())?;
            store.insert_series(series, asked, WHO).await.map_err(|error| unavailable(&error))?
        }
    };
    match inserted {
        SeriesInserted::New(series) => Ok(answer(StatusCode::CREATED, &series)),
        SeriesInserted::Known(series) => Ok(answer(StatusCode::OK, &series)),
        SeriesInserted::Taken => Err(Problem::conflict(
            "Another series was asked for with this Idempotency-Key; nothing was stored. Use a new key for each series.",
        )),
    }
}

/// What a listing is narrowed to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    account: Option<String>,
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Page {
    series: Vec<Series>,
    /// The `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    request: HttpRequest,
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    id: web::Path<String>,
    JsonBody(edit): JsonBody<SeriesEdit>,
) -> Result<HttpResponse, Problem> {
    let wanted = version(&request)?;
    loop {
        let series = find(&store, &id).await?;
        if series.state == SeriesState::Ended {
            return answer_change(SeriesChanged::Ended(series));
        }
        if wanted.is_some_and(|wanted| wanted != series.version) {
            return answer_change(SeriesChanged::Outdated(series));
        }
        let edited = edit.clone().over(&series).check(Timestamp::now(), &destinations, tz::db())?;
        let changed = change(&store, series.id, edited, series.version).await?;
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
) -> Result<SeriesChanged, Problem> {
    let edit = SeriesChange::Edit(Box::new(edited));
    store.change_series(id, edit, Some(version), WHO).await.map_err(|error| unavailable(&error))
}

async fn act(
    request: HttpRequest,
    store: web::Data<Store>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, action) = path.into_inner();
    let change = match action.as_str() {
        "pause" => SeriesChange::Pause,
        "resume" => SeriesChange::Resume,
        _ => SeriesChange::End,
    };
    let version = version(&request)?;
    let changed = store.change_series(parse(&id)?, change, version, WHO).await;
    answer_change(changed.map_err(|error| unavailable(&error))?)
}

#[derive(Debug, Serialize)]
struct Trail {
    trail: Vec<Happening>,
}

async fn trail(store: web::Data<Store>, id: web::Path<String>) -> Result<web::Json<Trail>, Problem> {
    let series = find(&store, &id).await?;
    let trail = store.series_trail(series.id).await.map_err(|error| unavailable(&error))?;
    Ok(web::Json(Trail { trail }))
}

fn answer_change(changed: SeriesChanged) -> Result<HttpResponse, Problem> {
    match changed {
        SeriesChanged::Updated(series) => Ok(answer(StatusCode::OK, &series)),
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

/// The key of the request, if its sender gave one.
fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut keys = request.headers().get_all(KEY);
    let Some(key) = keys.next() else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (1..=KEY_LIMIT).contains(&key.len()) && keys.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Problem::bad_request(format!(
            "The header {KEY} must be given once, with 1 to {KEY_LIMIT} visible ASCII characters."
        ))),
    }
}

/// A series with its version as `ETag`.
fn answer(status: StatusCode, series: &Series) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((ETAG, format!("\"{}\"", series.version)));
    if status == StatusCode::CREATED {
        answer.insert_header((LOCATION, format!("{PATH}/{}", series.id)));
    }
    answer.json(series)
}

/// The version that the caller has seen, if the request says.
fn version(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(tag) = request.headers().get(IF_MATCH) else { return Ok(None) };
    let tag = tag.to_str().unwrap_or_default().trim();
    if tag == "*" {
        return Ok(None);
    }
    let version =
        tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
    version.map(Some).ok_or_else(|| {
        Problem::bad_request(
            "The header If-Match must be the ETag of the series as it was read, such as \"3\".",
        )
    })
}

fn parse(id: &str) -> Result<SeriesId, Problem> {
    SeriesId::parse(id).ok_or_else(|| {
        Problem::not_found(format!(
            "`{id}` is not the id of a series, which looks like 01890a5d-ac96-774b-bcce-b302099a8057."
        ))
    })
}

async fn find(store: &Store, id: &str) -> Result<Series, Problem> {
    let id = parse(id)?;
    let found = store.series(id).await.map_err(|error| unavailable(&error))?;
    found.ok_or_else(|| Problem::not_found(format!("There is no series {id}.")))
}
