//! What happened, and who did it.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::event::Event;
use crate::openapi::Operation;
use crate::site::Site;

/// How many events are told, if nobody says.
const USUAL: usize = 100;

/// The most that are told at once.
const MOST: usize = 1000;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/events",
            "listEvents",
            "Tells what happened, and who did it: the newest events, or those behind one.",
            |route| route.to(list),
        )
        .query::<Query>()
        .answers::<Events>(200, "Oldest first. The newest 5,000 are kept."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// Only those behind the one with this number; without it, the newest.
    #[schemars(range(max = 9_007_199_254_740_991_u64))]
    after: Option<u64>,
    /// How many at most: 100 if nobody says.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
struct Events {
    events: Vec<Event>,
    /// The number of the newest event that there is, 0 if there is none.
    newest: u64,
}

async fn list(site: web::Data<Site>, query: web::Query<Query>) -> Result<web::Json<Events>, Problem> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::bad_request(format!("`limit` is {limit}; give a number from 1 to {MOST}.")));
    }
    let journal = site.lookout.journal();
    let newest = *journal.follow().borrow();
    let events = match query.after {
        Some(after) => journal.after(after, limit),
        None => {
            let mut events = journal.newest(limit, |_| true);
            events.reverse();
            events
        }
    };
    let events = events.into_iter().map(Arc::unwrap_or_clone).collect();
    Ok(web::Json(Events { events, newest }))
}
