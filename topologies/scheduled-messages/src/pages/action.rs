//! `/messages/do`: an action, told before it is done.
//!
//! The address says what is to be done, and to which messages: to those that are named (`id`), or to all that are found
//! (`all`, which says how many are expected, with the parameters of the table). The page asks; its form does it.

mod asked;

use actix_web::http::StatusCode;
use askama::Template;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};

use self::asked::Asked;
use super::faults::Faults;
use super::look::Row;
use super::office::Office;
use super::{MESSAGES, allowed, away};
use crate::api::actions::{self, Results};
use crate::api::change::settled;
use crate::api::message::{find, id_of};

/// How many messages are shown of those that it is about.
const SHOWN: usize = 5;

pub(super) fn page(office: &Office) -> Page {
    let submitted = office.clone();
    office
        .page("/messages/do", "Change messages", ask)
        .unlisted()
        .on_submit(move |view, form| submit(submitted.clone(), view, form))
}

/// What the button of an action says.
pub(super) fn word(name: &str) -> &'static str {
    match name {
        "cancel" => "Cancel",
        "retry" => "Retry",
        "send_now" => "Send now",
        "move" => "Move",
        "sent" => "It was sent",
        "not_sent" => "It was not sent",
        "give_up" => "Give up",
        _ => "",
    }
}

/// What was done, once it is.
pub(super) fn done(name: &str) -> &'static str {
    match name {
        "cancel" => "It is cancelled.",
        "retry" | "send_now" => "It is sent at once.",
        "move" => "It is moved.",
        "sent" => "It counts as sent.",
        "not_sent" => "It is sent again.",
        "give_up" => "It is given up.",
        "edited" => "It is edited: no attempt that begins from now on knows the old words or the old time.",
        "scheduled" => "It is stored, and sent at its instant.",
        _ => "",
    }
}

/// What an action does, told before it is done.
fn effect(name: &str) -> &'static str {
    match name {
        "cancel" => {
            "No attempt begins any more. Whatever has an attempt under way is left alone, and whatever may have arrived \
             already ends as unconfirmed, for a person to look at."
        }
        "retry" => {
            "A dead or expired message is sent once more, at once; one that waits for its next attempt does not wait."
        }
        "send_now" => "It is sent at once, although it is not due, or was given up.",
        "move" => "It is sent at another time. Give one of the three.",
        "sent" => "You looked at the destination, and it is there. It counts as sent, and is not sent again.",
        "not_sent" => "You looked at the destination, and it is not there. It is sent again, at once.",
        "give_up" => "Whatever became of it, it is not sent again, and counts as dead.",
        _ => "",
    }
}

#[derive(Template)]
#[template(path = "action.html")]
struct Asking {
    title: String,
    button: String,
    kind: &'static str,
    effect: &'static str,
    asked: Asked,
    rows: Vec<Row>,
    more: usize,
    line: String,
    faults: Faults,
    zones: Vec<String>,
    wants_receipt: bool,
    is_move: bool,
}

#[derive(Template)]
#[template(path = "results.html")]
struct Done {
    title: String,
    results: Results,
    back: String,
}

async fn ask(office: Office, view: View) -> Result<Html, Problem> {
    allowed(&view)?;
    let asked = Asked::read(
        |name| view.query(name),
        view.query.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.as_str()),
    )?;
    asking(&office, asked, Faults::default(), &view.product).await
}

async fn asking(office: &Office, asked: Asked, faults: Faults, product: &str) -> Result<Html, Problem> {
    let store = office.store();
    let now = store.now();
    let messages = match asked.all {
        Some(_) => {
            let search = asked.sought.search()?;
            store.search(search, None, SHOWN).await.map_err(|error| away(&error))?.messages
        }
        None => {
            let mut messages = Vec::new();
            for id in asked.ids.iter().take(SHOWN) {
                messages.push(find(store, id_of(id)?).await?);
            }
            messages
        }
    };
    let count = asked.count();
    let word = word(&asked.name);
    let some = if count == 1 { "this message".to_owned() } else { format!("{count} messages") };
    let title = match asked.name.as_str() {
        "sent" => format!("Say that {some} arrived"),
        "not_sent" => format!("Say that {some} did not arrive"),
        "give_up" => format!("Give {some} up"),
        "send_now" => format!("Send {some} now"),
        _ => format!("{word} {some}"),
    };
    // On the way back stands "Cancel", too.
    let button = if asked.name == "cancel" { title.clone() } else { word.to_owned() };
    Html::of(&Asking {
        title,
        button,
        kind: if matches!(asked.name.as_str(), "cancel" | "give_up") { "danger" } else { "primary" },
        effect: effect(&asked.name),
        more: count.saturating_sub(messages.len()),
        rows: messages.iter().map(|message| Row::of(message, now)).collect(),
        line: asked.line(product),
        faults,
        zones: if asked.name == "move" { super::compose::zones() } else { Vec::new() },
        wants_receipt: asked.name == "sent" && asked.is_one(),
        is_move: asked.name == "move",
        asked,
    })
}

async fn submit(office: Office, view: View, form: Form) -> Result<Submitted, Problem> {
    let asked = Asked::read(|name| form.get(name), form.all("id"))?;
    if asked.is_one() {
        return one(office, view, asked).await;
    }
    match actions::perform(&office.place, asked.wanted()?, &view.actor).await {
        Ok(results) => {
            let title = format!("{}: {} of {} done", word(&asked.name), results.done, results.asked);
            let back = asked.sought.path(None);
            Ok(Submitted::Page(StatusCode::OK, Html::of(&Done { title, results, back })?))
        }
        Err(problem) => again(&office, asked, &problem, &view.product).await,
    }
}

/// One message is changed at the version that was looked at, and shown as it is then.
async fn one(office: Office, view: View, asked: Asked) -> Result<Submitted, Problem> {
    let id = id_of(asked.ids.first().map_or("", String::as_str))?;
    let action = match asked.action() {
        Ok(action) => action,
        Err(problem) => return again(&office, asked, &problem, &view.product).await,
    };
    let changed = action.apply(&office.place, id, asked.version, &view.actor).await;
    match changed.and_then(|(changed, _)| settled(changed, id, action.done())) {
        Ok(_) => Ok(Submitted::SeeOther(format!("{MESSAGES}/{id}?done={}", asked.name))),
        Err(problem) => again(&office, asked, &problem, &view.product).await,
    }
}

/// The page once more, with what is wrong; what is known better by now is told.
async fn again(
    office: &Office,
    mut asked: Asked,
    problem: &Problem,
    product: &str,
) -> Result<Submitted, Problem> {
    if asked.all.is_some() && problem.status() == StatusCode::CONFLICT {
        let search = asked.sought.search()?;
        let matches = office.store().matches(search, actions::MOST).await.map_err(|error| away(&error))?;
        asked.all = Some(matches.ids.len() as u64);
    }
    if asked.is_one() && problem.status() == StatusCode::PRECONDITION_FAILED {
        asked.version =
            Some(find(office.store(), id_of(asked.ids.first().map_or("", String::as_str))?).await?.version);
    }
    let page = asking(office, asked, Faults::of(problem), product).await?;
    Ok(Submitted::Page(problem.status(), page))
}
