//! `/messages/new`: the composer, for a message and for a series.

mod draft;
mod preview;

use actix_web::http::StatusCode;
use askama::Template;
use jiff::tz;
use serde_json::Value;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};
use uuid::Uuid;

use self::draft::{Draft, Wanted};
use self::preview::Next;
use super::faults::Faults;
use super::office::Office;
use super::{MESSAGES, SERIES};
use crate::api::message::{schedule, taken};
use crate::api::series::begin;
use crate::commands::line;
use crate::store::Inserted;

/// The weekdays, as a schedule and as people name them.
const DAYS: [(&str, &str); 7] = [
    ("MON", "Mon"),
    ("TUE", "Tue"),
    ("WED", "Wed"),
    ("THU", "Thu"),
    ("FRI", "Fri"),
    ("SAT", "Sat"),
    ("SUN", "Sun"),
];

/// The fields that have a place of their own for what is wrong with them.
const FIELDS: [&str; 14] = [
    "account",
    "destination",
    "text",
    "wall",
    "zone",
    "fold",
    "in",
    "cron",
    "not_after",
    "catch_up",
    "from",
    "until",
    "count",
    "time",
];

pub(super) fn page(office: &Office) -> Page {
    let submitted = office.clone();
    office
        .page("/messages/new", "New message", show)
        .unlisted()
        .on_submit(move |view, form| submit(submitted.clone(), view, form))
}

#[derive(Template)]
#[template(path = "compose.html")]
struct Shown {
    may_act: bool,
    draft: Draft,
    destinations: Vec<String>,
    days: [(&'static str, &'static str); 7],
    zones: Vec<String>,
    faults: Faults,
    next: Option<Next>,
    line: String,
}

async fn show(office: Office, view: View) -> Result<Html, Problem> {
    let draft = Draft::read(
        |name| view.query(name),
        view.query.iter().map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let draft = Draft { key: Uuid::now_v7().to_string(), ..draft };
    shown(&office, &view, draft, Faults::default(), None)
}

fn shown(
    office: &Office,
    view: &View,
    draft: Draft,
    faults: Faults,
    next: Option<Next>,
) -> Result<Html, Problem> {
    let wanted = draft.wanted();
    let line = command(&view.product, &wanted).map_err(|error| Problem::internal(error.to_string()))?;
    Html::of(&Shown {
        may_act: view.may_act,
        draft,
        destinations: office.place.destinations.names().map(str::to_owned).collect(),
        days: DAYS,
        zones: zones(),
        faults,
        next,
        line,
    })
}

/// What to type in a shell instead.
fn command(product: &str, wanted: &Wanted) -> serde_json::Result<String> {
    Ok(match wanted {
        Wanted::Message(draft) => line(product, "schedule", &serde_json::to_value(draft)?, &[]),
        Wanted::Series(draft) => {
            let mut series = serde_json::to_value(draft)?;
            if let Some(fields) = series.as_object_mut() {
                fields.retain(|_, value| !value.is_null());
            }
            line(product, "series add", &Value::Null, &[series.to_string()])
        }
    })
}

async fn submit(office: Office, view: View, form: Form) -> Result<Submitted, Problem> {
    let fields = form.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let draft = Draft::read(|name| form.get(name), fields);
    if form.get("do") == Some("preview") {
        let (faults, next) = match Next::of(&draft, &office) {
            Ok(next) => (Faults::default(), Some(next)),
            Err(problem) => (Faults::of(&problem), None),
        };
        let status = if next.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok(Submitted::Page(status, shown(&office, &view, draft, faults, next)?));
    }
    match store(&office, &draft, &view.actor).await {
        Ok(path) => Ok(Submitted::SeeOther(path)),
        // What was typed is kept, whatever it was that did not work.
        Err(problem) => {
            let page = shown(&office, &view, draft, Faults::of(&problem), None)?;
            Ok(Submitted::Page(problem.status(), page))
        }
    }
}

/// Stores it, once for each form however often that is sent, and returns where it is.
async fn store(office: &Office, draft: &Draft, who: &str) -> Result<String, Problem> {
    draft.readable()?;
    let place = &office.place;
    let key = Some(format!("page-{}", draft.key)).filter(|_| !draft.key.is_empty());
    match draft.wanted() {
        Wanted::Message(draft) => {
            match schedule(&place.store, &place.destinations, draft, key, who).await?.0 {
                Inserted::New(message) | Inserted::Known(message) => {
                    Ok(format!("{MESSAGES}/{}?done=scheduled", message.id))
                }
                Inserted::Taken => Err(taken()),
            }
        }
        Wanted::Series(draft) => {
            let (series, _) = begin(&place.store, &place.destinations, draft, key, who).await?;
            Ok(format!("{SERIES}/{}?done=stored", series.id))
        }
    }
}

/// The zones that people mean: those of places, and UTC.
pub(super) fn zones() -> Vec<String> {
    let names = tz::db().available().map(|name| name.to_string());
    let is_place =
        |name: &String| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("posix");
    std::iter::once("UTC".to_owned()).chain(names.filter(is_place)).collect()
}
