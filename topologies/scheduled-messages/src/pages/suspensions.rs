//! `/messages/suspensions`: accounts whose messages wait.

use askama::Template;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};

use super::faults::Faults;
use super::office::Office;
use super::{Moment, away};
use crate::api::suspension::{hold, lift};
use crate::commands::line;
use crate::store::ALL;

const PATH: &str = "/messages/suspensions";

/// How many are shown.
const SHOWN: u32 = 1000;

pub(super) fn page(office: &Office) -> Page {
    let submitted = office.clone();
    office
        .page(PATH, "Suspensions", show)
        .unlisted()
        .on_submit(move |view, form| submit(submitted.clone(), view, form))
}

#[derive(Template)]
#[template(path = "suspensions.html")]
struct Shown {
    may_act: bool,
    rows: Vec<Row>,
    account: String,
    reason: String,
    faults: Faults,
    line: String,
}

struct Row {
    account: String,
    is_all: bool,
    at: Moment,
    by: String,
    reason: String,
}

async fn show(office: Office, view: View) -> Result<Html, Problem> {
    shown(&office, &view, (String::new(), String::new()), Faults::default()).await
}

async fn shown(
    office: &Office,
    view: &View,
    (account, reason): (String, String),
    faults: Faults,
) -> Result<Html, Problem> {
    let now = office.store().now();
    let found = office.store().suspensions(SHOWN).await.map_err(|error| away(&error))?;
    let rows = found.into_iter().map(|suspension| Row {
        is_all: suspension.account == ALL,
        at: Moment::new(suspension.at, now),
        account: suspension.account,
        by: suspension.by,
        reason: suspension.reason,
    });
    let body = serde_json::json!({"account": account, "reason": reason});
    Html::of(&Shown {
        may_act: view.may_act,
        rows: rows.collect(),
        line: line(&view.product, "suspend", &body, &[]),
        account,
        reason,
        faults,
    })
}

async fn submit(office: Office, view: View, form: Form) -> Result<Submitted, Problem> {
    let account = form.get("account").unwrap_or_default().to_owned();
    let reason = form.get("reason").unwrap_or_default().to_owned();
    let done = match form.get("do") {
        Some("lift") => lift(office.store(), &account).await.map(drop),
        _ => hold(office.store(), account.clone(), reason.clone(), &view.actor).await.map(drop),
    };
    match done {
        Ok(()) => Ok(Submitted::SeeOther(PATH.to_owned())),
        Err(problem) => {
            let page = shown(&office, &view, (account, reason), Faults::of(&problem)).await?;
            Ok(Submitted::Page(problem.status(), page))
        }
    }
}
