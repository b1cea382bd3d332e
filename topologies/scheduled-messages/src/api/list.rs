//! Finding messages.

use actix_web::http::Method;
use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use uuid::Uuid;

use super::account::account;
use super::trouble::{bad_query, unavailable};
use super::{PATH, cursor};
use crate::message::Message;
use crate::state::State;
use crate::store::{Cursor, Filter, Store};

/// How many messages are listed, if nobody says.
const USUAL: u32 = 100;

/// The most that are listed at once.
const MOST: u32 = 500;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            PATH,
            "listMessages",
            "Lists messages: those of one account by when they are due, those of all by when they were made.",
            |route| route.to(list),
        )
        .query::<Listing>()
        .answers::<Page>(200, "A page of them; the header `Link` has the next one too."),
    ]
}

/// Which messages to list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    /// Only those of this account.
    pub(crate) account: Option<String>,
    /// Only those that go to this destination.
    pub(crate) destination: Option<String>,
    /// Only those in these states: `dead,unconfirmed`.
    pub(crate) state: Option<String>,
    /// Only those due at this instant or later.
    pub(crate) due_from: Option<String>,
    /// Only those due before this instant.
    pub(crate) due_before: Option<String>,
    /// Only the occurrences of this series.
    pub(crate) series: Option<String>,
    /// How many at most: 1 to 500; 100.
    pub(crate) limit: Option<String>,
    /// Where to go on, as the page before said.
    pub(crate) cursor: Option<String>,
}

/// Some messages.
#[derive(Debug, Serialize, JsonSchema)]
struct Page {
    messages: Vec<Message>,
    /// The path of the next page; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

async fn list(
    store: web::Data<Store>,
    request: HttpRequest,
    web::Query(listing): web::Query<Listing>,
) -> Result<HttpResponse, Problem> {
    let limit = listing.limit()?;
    let order = listing.order();
    let after = listing.cursor.as_deref().map(|text| {
        cursor::read(text, order).ok_or_else(|| {
            bad_query("cursor", text, "what `next` of the page before has, with the same filters")
        })
    });
    let after = after.transpose()?;
    // One more than is shown: it tells whether there is a next page.
    let listed = store.list(listing.filter()?, after, limit + 1).await;
    let mut messages = listed.map_err(|error| unavailable(&error))?;
    let is_last = messages.len() <= limit as usize;
    messages.truncate(limit as usize);
    let next = messages.last().filter(|_| !is_last).and_then(|last| {
        let cursor = Cursor { due_at: last.due_at, id: last.id };
        next(&request, &cursor::write(&cursor, order))
    });
    let mut answer = HttpResponse::Ok();
    if let Some(next) = &next {
        answer.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
    }
    Ok(answer.json(Page { messages, next }))
}

impl Listing {
    /// Listings of one account and of all are in different orders.
    fn order(&self) -> u8 {
        u8::from(self.account.is_some())
    }

    fn limit(&self) -> Result<u32, Problem> {
        let Some(text) = &self.limit else { return Ok(USUAL) };
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| bad_query("limit", text, &format!("a number from 1 to {MOST}")))
    }

    pub(crate) fn filter(self) -> Result<Filter, Problem> {
        let instant =
            |parameter, text: Option<String>| text.map(|text| instant(parameter, &text)).transpose();
        let named = |text: String| {
            account(text.clone()).map_err(|_| bad_query("account", &text, "the name of an account"))
        };
        let destination = self.destination.map(|name| {
            let is_name = (1..=256).contains(&name.len()) && !name.contains(char::is_control);
            if is_name { Ok(name) } else { Err(bad_query("destination", &name, "the name of a destination")) }
        });
        let series = self
            .series
            .map(|text| Uuid::parse_str(&text).map_err(|_| bad_query("series", &text, "the id of a series")));
        Ok(Filter {
            account: self.account.map(named).transpose()?,
            destination: destination.transpose()?,
            states: self.state.as_deref().map(states).transpose()?.unwrap_or_default(),
            due_from: instant("due_from", self.due_from)?,
            due_before: instant("due_before", self.due_before)?,
            series: series.transpose()?,
        })
    }
}

fn states(text: &str) -> Result<Vec<State>, Problem> {
    let all = || State::ALL.map(State::name).join(", ");
    let one =
        |name| State::parse(name).ok_or_else(|| bad_query("state", name, &format!("some of {}", all())));
    let mut states = text.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
    states.sort_unstable();
    states.dedup();
    Ok(states)
}

fn instant(parameter: &str, text: &str) -> Result<Timestamp, Problem> {
    // A plus in a query is a space: whoever forgot to encode it meant the offset.
    text.replace(' ', "+")
        .parse()
        .map_err(|_| bad_query(parameter, text, "an instant with its offset, such as 2031-01-01T09:00:00Z"))
}

/// The same request, behind this cursor.
fn next(request: &HttpRequest, cursor: &str) -> Option<String> {
    let mut url = Url::parse("http://here").ok()?.join(PATH).ok()?;
    let given = web::Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?.into_inner();
    url.query_pairs_mut()
        .extend_pairs(given.into_iter().filter(|(name, _)| name != "cursor"))
        .append_pair("cursor", cursor);
    Some(format!("{PATH}?{}", url.query()?))
}
