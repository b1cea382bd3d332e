//! `/series` and `/series/{id}`: messages that recur.

use askama::Template;
use jiff::{Timestamp, tz};
use serde_json::Value;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};

use super::faults::Faults;
use super::look::{excerpt, short};
use super::office::Office;
use super::one::Entry;
use super::query::with_query;
use super::{MESSAGES, Moment, SERIES, allowed, away};
use crate::api::series::{self, preview};
use crate::commands::line;
use crate::recurrence::Cron;
use crate::series::{Series, SeriesId, SeriesState};
use crate::store::{SeriesChange, SeriesFilter};

/// How many series a page has, and how many occurrences are shown.
const PAGE: u32 = 100;
const NEXT: u32 = 5;

pub(super) fn page(office: &Office) -> Page {
    office.page(SERIES, "Series", list).key('s')
}

pub(super) fn one_page(office: &Office) -> Page {
    office.page("/series/{id}", "Series", one).unlisted()
}

pub(super) fn action_page(office: &Office) -> Page {
    let submitted = office.clone();
    office
        .page("/series/{id}/do", "Change a series", ask)
        .unlisted()
        .on_submit(move |view, form| submit(submitted.clone(), view, form))
}

#[derive(Template)]
#[template(path = "all_series.html")]
struct List {
    may_act: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

/// A series in a table.
struct Row {
    href: String,
    short: String,
    account: String,
    destination: String,
    excerpt: String,
    words: String,
    zone: String,
    cron: String,
    next: Option<Moment>,
    made: u32,
    kind: &'static str,
    word: &'static str,
}

impl Row {
    fn of(series: &Series, now: Timestamp) -> Self {
        let id = series.id.to_string();
        let (kind, word) = look(series);
        Self {
            href: format!("{SERIES}/{id}"),
            short: short(&id),
            account: series.account.clone(),
            destination: series.destination.clone(),
            excerpt: excerpt(&series.text, 60),
            words: Cron::parse(&series.cron).map(|cron| cron.in_words()).unwrap_or_default(),
            zone: series.zone.clone(),
            cron: series.cron.clone(),
            next: series.next_at.map(|next| Moment::in_zone(next, &series.zone, now)),
            made: series.made,
            kind,
            word,
        }
    }
}

fn look(series: &Series) -> (&'static str, &'static str) {
    match series.state {
        SeriesState::Active => ("ok", "Active"),
        SeriesState::Paused if series.last_error.is_some() => ("bad", "Paused by an error"),
        SeriesState::Paused => ("idle", "Paused"),
        SeriesState::Ended => ("idle", "Ended"),
    }
}

async fn list(office: Office, view: View) -> Result<Html, Problem> {
    let after = view.query("after").and_then(SeriesId::parse);
    let filter = SeriesFilter { after, ..SeriesFilter::default() };
    let found = office.store().list_series(filter, PAGE).await.map_err(|error| away(&error))?;
    let is_full = u32::try_from(found.len()).is_ok_and(|length| length == PAGE);
    let next = found.last().filter(|_| is_full).map(|last| format!("{SERIES}?after={}", last.id));
    let now = office.store().now();
    let rows = found.iter().map(|series| Row::of(series, now)).collect();
    Html::of(&List { may_act: view.may_act, rows, next })
}

#[derive(Template)]
#[template(path = "series.html")]
struct One {
    may_act: bool,
    done: &'static str,
    series: Series,
    row: Row,
    from: Option<Moment>,
    until: Option<Moment>,
    created: Moment,
    next: Vec<Moment>,
    broken: String,
    trail: Vec<Entry>,
    messages: String,
    actions: Vec<&'static str>,
}

async fn one(office: Office, view: View) -> Result<Html, Problem> {
    let store = office.store();
    let series = series::find(store, view.param("id").unwrap_or_default()).await?;
    let now = store.now();
    let trail = store.series_trail(series.id).await.map_err(|error| away(&error))?;
    let at = |at: Option<Timestamp>| at.map(|at| Moment::in_zone(at, &series.zone, now));
    let (next, broken) = match preview::next(&series, Some(NEXT)) {
        Ok(preview) => (preview.occurrences, String::new()),
        Err(problem) => (Vec::new(), problem.detail().to_owned()),
    };
    let next = if series.state == SeriesState::Active { next } else { Vec::new() };
    let of_series = [("state", "all".to_owned()), ("series", series.id.to_string())];
    Html::of(&One {
        may_act: view.may_act,
        done: done(view.query("done").unwrap_or_default()),
        row: Row::of(&series, now),
        from: at(series.from),
        until: at(series.until),
        created: Moment::in_zone(series.created_at, &series.zone, now),
        next: next.into_iter().map(|next| Moment::in_zone(next.due_at, &series.zone, now)).collect(),
        broken: series.recurrence(tz::db()).err().unwrap_or(broken),
        trail: trail.iter().map(|happening| Entry::of(happening, now)).collect(),
        messages: with_query(MESSAGES, of_series),
        actions: match series.state {
            SeriesState::Active => vec!["pause", "end"],
            SeriesState::Paused => vec!["resume", "end"],
            SeriesState::Ended => Vec::new(),
        },
        series,
    })
}

fn done(name: &str) -> &'static str {
    match name {
        "stored" => "It is stored. Each message is made shortly before it is due.",
        "pause" => "It is paused: what falls into the pause is not made.",
        "resume" => "It goes on with the next occurrence.",
        "end" => "It has ended. Messages that are made already stay.",
        _ => "",
    }
}

#[derive(Template)]
#[template(path = "series_action.html")]
struct Asking {
    title: String,
    post: String,
    back: String,
    name: String,
    word: &'static str,
    kind: &'static str,
    effect: &'static str,
    version: i64,
    line: String,
    faults: Faults,
    row: Row,
}

/// What an action is called, and what it does.
fn action(name: &str) -> Option<(SeriesChange, &'static str, &'static str)> {
    match name {
        "pause" => Some((
            SeriesChange::Pause,
            "Pause",
            "No message is made until it is resumed. What is made already stays.",
        )),
        "resume" => Some((
            SeriesChange::Resume,
            "Resume",
            "It goes on with the next occurrence, and not with those that it missed.",
        )),
        "end" => {
            Some((SeriesChange::End, "End", "No message is made any more, ever. What is made already stays."))
        }
        _ => None,
    }
}

async fn ask(office: Office, view: View) -> Result<Html, Problem> {
    allowed(&view)?;
    let series = series::find(office.store(), view.param("id").unwrap_or_default()).await?;
    asking(&office, &series, view.query("action").unwrap_or_default(), Faults::default(), &view.product)
}

fn asking(
    office: &Office,
    series: &Series,
    name: &str,
    faults: Faults,
    product: &str,
) -> Result<Html, Problem> {
    let (_, word, effect) = action(name).ok_or_else(|| Problem::not_found("There is no such action."))?;
    let back = format!("{SERIES}/{}", series.id);
    Html::of(&Asking {
        title: format!("{word} this series"),
        post: format!("{back}/do"),
        back,
        name: name.to_owned(),
        word,
        kind: if name == "end" { "danger" } else { "primary" },
        effect,
        version: series.version,
        line: line(product, &format!("series {name}"), &Value::Null, &[series.id.to_string()]),
        faults,
        row: Row::of(series, office.store().now()),
    })
}

async fn submit(office: Office, view: View, form: Form) -> Result<Submitted, Problem> {
    let id = view.param("id").unwrap_or_default();
    let name = form.get("action").unwrap_or_default();
    let (change, ..) = action(name).ok_or_else(|| Problem::not_found("There is no such action."))?;
    let version = form.get("version").and_then(|version| version.parse().ok());
    match series::changed(office.store(), id, change, version, &view.actor).await {
        Ok(series) => Ok(Submitted::SeeOther(format!("{SERIES}/{}?done={name}", series.id))),
        Err(problem) => {
            let series = series::find(office.store(), id).await?;
            let page = asking(&office, &series, name, Faults::of(&problem), &view.product)?;
            Ok(Submitted::Page(problem.status(), page))
        }
    }
}
