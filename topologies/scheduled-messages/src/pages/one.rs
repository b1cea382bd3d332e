//! `/messages/{id}`: what a message says, how it stands, what happened to it, and what can be done.

mod edit;
mod trail;

pub(super) use self::edit::lines;
pub(super) use self::trail::Entry;

use actix_web::http::StatusCode;
use askama::Template;
use reqwest::Url;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};

use self::edit::Fields;
use super::faults::Faults;
use super::look::{due, look, short};
use super::office::Office;
use super::tab::Tab;
use super::{MESSAGES, Moment, SERIES, action};
use crate::api::message::{find, id_of};
use crate::api::{self, trail as happened};
use crate::commands::line;
use crate::message::Message;
use crate::state::{State, Step};

pub(super) fn page(office: &Office) -> Page {
    let submitted = office.clone();
    office
        .page("/messages/{id}", "Message", show)
        .unlisted()
        .on_submit(move |view, form| submit(submitted.clone(), view, form))
}

#[derive(Template)]
#[template(path = "message.html")]
struct Shown {
    may_act: bool,
    id: String,
    short: String,
    message: Message,
    kind: &'static str,
    word: &'static str,
    /// What was done a moment ago.
    done: &'static str,
    due: Moment,
    utc: Option<Moment>,
    not_after: Option<Moment>,
    created: Moment,
    sent: Option<Moment>,
    retry: Option<Moment>,
    series: Option<String>,
    receipt: Option<String>,
    receipt_link: Option<String>,
    actions: Vec<Offer>,
    trail: Vec<Entry>,
    fields: Option<Fields>,
    faults: Faults,
    zones: Vec<String>,
    command: String,
    json: String,
}

/// An action that the message allows.
struct Offer {
    href: String,
    word: &'static str,
    kind: &'static str,
}

async fn show(office: Office, view: View) -> Result<Html, Problem> {
    let message = of(&office, &view).await?;
    let fields = is_editable(&message).then(|| Fields::of(&message));
    shown(&office, &view, message, fields, Faults::default()).await
}

async fn of(office: &Office, view: &View) -> Result<Message, Problem> {
    find(office.store(), id_of(view.param("id").unwrap_or_default())?).await
}

/// Takes the form in which a message is edited.
async fn submit(office: Office, view: View, form: Form) -> Result<Submitted, Problem> {
    let message = of(&office, &view).await?;
    let fields = Fields::read(&form);
    let problem = match edit::edit(&office, &message, &fields, &view.actor).await {
        Ok(message) => return Ok(Submitted::SeeOther(format!("{MESSAGES}/{}?done=edited", message.id))),
        Err(problem) => problem,
    };
    // As it is by now: whoever edits it decides again, knowing what somebody else made of it.
    let message = of(&office, &view).await?;
    let fields = Fields { version: message.version, ..fields };
    let status = problem.status();
    let is_status = status == StatusCode::PRECONDITION_FAILED || status == StatusCode::CONFLICT;
    let status = if is_status { status } else { StatusCode::UNPROCESSABLE_ENTITY };
    let fields = is_editable(&message).then_some(fields);
    let page = shown(&office, &view, message, fields, Faults::of(&problem)).await?;
    Ok(Submitted::Page(status, page))
}

/// Whether its words and its time can still be changed.
fn is_editable(message: &Message) -> bool {
    Step::Edit.leaves(message.state) && !message.in_doubt
}

async fn shown(
    office: &Office,
    view: &View,
    message: Message,
    fields: Option<Fields>,
    faults: Faults,
) -> Result<Html, Problem> {
    let now = office.store().now();
    let id = message.id.to_string();
    let (kind, word) = look(message.state);
    let due = due(&message, now);
    let at = |at: Option<jiff::Timestamp>| at.map(|at| Moment::in_zone(at, &due.zone, now));
    let trail = happened::of(office.store(), &message).await?;
    let body = serde_json::json!({"text": message.text});
    Html::of(&Shown {
        may_act: view.may_act,
        short: short(&id),
        kind,
        word,
        done: action::done(view.query("done").unwrap_or_default()),
        utc: (due.zone != "UTC").then(|| Moment::new(message.due_at, now)),
        not_after: at(message.not_after),
        created: Moment::in_zone(message.created_at, &due.zone, now),
        sent: at(message.sent_at),
        retry: at(message.retry_at),
        due,
        series: message.series.map(|series| format!("{SERIES}/{series}")),
        receipt_link: message.receipt.as_deref().and_then(link),
        receipt: message.receipt.clone(),
        actions: offers(&message, &id),
        trail: trail.iter().map(|happening| Entry::of(happening, now)).collect(),
        zones: if fields.is_some() && view.may_act { super::compose::zones() } else { Vec::new() },
        fields: fields.filter(|_| view.may_act),
        faults,
        command: line(&view.product, "edit", &body, std::slice::from_ref(&id)),
        json: format!("{}/{id}", api::PATH),
        id,
        message,
    })
}

fn offers(message: &Message, id: &str) -> Vec<Offer> {
    let names = match message.state {
        // Nothing of it waits for a decision while an attempt is under way.
        State::Sending => Vec::new(),
        state => Tab::actions(&[state]),
    };
    let offer = |name: &'static str| Offer {
        href: format!("{MESSAGES}/do?action={name}&id={id}&version={}", message.version),
        word: action::word(name),
        kind: if name == "cancel" || name == "give_up" { "danger" } else { "" },
    };
    // The form below says otherwise when it is sent.
    names.into_iter().filter(|name| *name != "move").map(offer).collect()
}

/// The address of a receipt, if it is one that a browser may follow: never a script.
fn link(receipt: &str) -> Option<String> {
    let url = Url::parse(receipt).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        assert_eq!(link("https://example.org/p/1").as_deref(), Some("https://example.org/p/1"));
        for receipt in [
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "data:text/html,x",
            "at://did:plc:x/1",
            "post 7",
            "",
        ] {
            assert_eq!(link(receipt), None, "{receipt}");
        }
    }
}
