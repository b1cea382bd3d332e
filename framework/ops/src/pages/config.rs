//! `/config`: what holds, who said it, what a reload would change, and what somebody changed by hand.

mod by_hand;
mod number;

use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::Frame;
use crate::admin::{IfMatch, Operator};
use crate::cli::Line;
use crate::reload::{Changes, Held, Refusal, Shown};
use crate::{Actor, Html, Problem};
use by_hand::ByHand;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    let page = web::resource("/config").route(web::get().to(config));
    service.service(page.route(web::post().to(apply)));
}

#[derive(Template)]
#[template(path = "config.html")]
struct Config<'a> {
    shown: Shown,
    since: String,
    reloaded: Option<String>,
    /// A reload that was asked for and not made.
    stale: bool,
    plan: Plan,
    by_hand: Vec<ByHand>,
    patch: String,
    held: Vec<Held>,
    /// Also what only the code says.
    is_all: bool,
    filter: &'a str,
    /// What to type in a shell instead.
    command: String,
    may_act: bool,
}

/// What a reload would do.
enum Plan {
    Changes(Changes),
    /// Why it would do nothing at all, with line, column and caret.
    Wrong(String),
    /// Nobody can be asked.
    Unknown(String),
}

async fn config(frame: Frame) -> HttpResponse {
    frame.answer("Config", render(&frame, false).await)
}

/// What the button of the page sends.
#[derive(Deserialize)]
struct Apply {
    hash: String,
}

/// Reloads what was looked at. If the file is another one by now, that is shown, and nothing done.
async fn apply(frame: Frame, actor: Actor, form: web::Form<Apply>) -> HttpResponse {
    let if_match = IfMatch(Some(form.into_inner().hash));
    match Operator::new(&frame.site, &actor).reload(&if_match).await {
        Err(problem) if problem.status() == StatusCode::PRECONDITION_FAILED => {
            let mut answer = frame.answer("Config", render(&frame, true).await);
            *answer.status_mut() = StatusCode::PRECONDITION_FAILED;
            answer
        }
        // The page tells what became of it, also if it was refused.
        _ => HttpResponse::SeeOther().insert_header((LOCATION, "/config")).finish(),
    }
}

async fn render(frame: &Frame, stale: bool) -> Result<Html, Problem> {
    let (site, view) = (&frame.site, &frame.view);
    let plan = match site.plan().await {
        Ok(Ok(changes)) => Plan::Changes(changes),
        Ok(Err(Refusal::Wrong(error))) => Plan::Wrong(error.to_string()),
        Ok(Err(refusal)) => Plan::Unknown(refusal.to_string()),
        Err(problem) => Plan::Unknown(problem.detail().to_owned()),
    };
    let shown = site.config.shown();
    let by_hand = by_hand::all(&site.topologies);
    let is_all = view.query("all").is_some();
    let mut held: Vec<Held> = shown.values.as_ref().clone();
    if is_all {
        held.extend(number::all(&site.topologies, &shown.values, &by_hand));
    }
    let filter = view.query("q").unwrap_or_default();
    let words = filter.to_lowercase();
    held.retain(|held| words.split_whitespace().all(|word| says(held, word)));
    held.sort_by(|one, other| one.path.cmp(&other.path));
    Html::of(&Config {
        command: Line::Reload.of(&site.name),
        since: instant(shown.since),
        reloaded: shown.last_reload.as_ref().map(|reload| instant(reload.at)),
        stale,
        patch: by_hand::patch(&by_hand),
        by_hand,
        plan,
        held,
        is_all,
        filter,
        may_act: view.may_act,
        shown,
    })
}

/// `2026-11-22 19:09:16 UTC`.
fn instant(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at).to_string().replace('T', " ").replace('Z', " UTC")
}

fn says(held: &Held, word: &str) -> bool {
    [&held.path, &held.value, &held.place].into_iter().any(|text| text.to_lowercase().contains(word))
}

impl Plan {
    /// Whether there is anything that a reload would do now.
    fn is_empty(changes: &Changes) -> bool {
        changes.hot.is_empty() && changes.restart.is_empty() && changes.needs_process_restart.is_empty()
    }
}
