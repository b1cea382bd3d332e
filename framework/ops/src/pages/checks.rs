//! All checks, of all things that they are about.

use std::time::SystemTime;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use crate::Html;
use crate::check::{Amount, Bound, Category, CheckState, CheckStatus};
use crate::show::{Seconds, or_dash};

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/checks").route(web::get().to(checks)));
}

#[derive(Template)]
#[template(path = "checks.html")]
struct Checks {
    rows: Vec<Row>,
    wrong: usize,
}

/// What a check says of one thing.
struct Row {
    check: String,
    kind: &'static str,
    word: &'static str,
    place: String,
    link: String,
    value: String,
    bound: String,
    category: &'static str,
    since: String,
    lasts: Seconds,
    action: String,
    runbook: String,
    rank: CheckStatus,
}

async fn checks(frame: Frame) -> HttpResponse {
    let mut rows: Vec<Row> = frame.site.lookout.checks().into_iter().map(Row::new).collect();
    // What is wrong stands first; else they are in the order of their names.
    rows.sort_by_key(|row| !matches!(row.rank, CheckStatus::Raised | CheckStatus::Pending));
    let wrong = rows.iter().filter(|row| row.rank == CheckStatus::Raised).count();
    frame.answer("Checks", Html::of(&Checks { rows, wrong }))
}

impl Row {
    fn new(state: CheckState) -> Self {
        let (kind, word) = match (state.status, state.category) {
            (CheckStatus::Ok, _) => ("ok", "Holds"),
            (CheckStatus::Pending, _) => ("info", "Broken for a moment"),
            (CheckStatus::Raised, Category::Page) => ("bad", "Act now"),
            (CheckStatus::Raised, Category::Mail) => ("warn", "Look into"),
            (CheckStatus::Unknown, _) => ("idle", "Nothing to measure"),
        };
        let side = if matches!(state.bound, Bound::Above(_)) { "at most" } else { "at least" };
        let amount = |value| Amount { value, unit: &state.unit };
        let link = match (&state.topology, &state.component) {
            (Some(topology), Some(component)) => format!("/t/{topology}/c/{component}"),
            (Some(topology), None) => format!("/t/{topology}"),
            (None, _) => String::new(),
        };
        let place: Vec<&str> =
            [&state.topology, &state.component].into_iter().flatten().map(String::as_str).collect();
        let lasts = SystemTime::now().duration_since(state.since).unwrap_or_default();
        Self {
            kind,
            word,
            place: place.join(" / "),
            link,
            value: or_dash(state.value.map(amount)),
            bound: format!("{side} {}", amount(state.bound.value())),
            category: if state.category == Category::Page { "page" } else { "mail" },
            since: humantime::format_rfc3339_seconds(state.since).to_string(),
            lasts: Seconds(lasts.as_secs_f64().round()),
            action: state.action.map(|heal| heal.to_string()).unwrap_or_default(),
            runbook: state.runbook,
            rank: state.status,
            check: state.check,
        }
    }
}
