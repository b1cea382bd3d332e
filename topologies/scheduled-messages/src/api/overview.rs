//! How things stand.

use std::time::Instant;

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use squall_ops::Problem;
use squall_ops::openapi::Operation;

use super::trouble::unavailable;
use crate::flow::{DestinationFlow, Flow};
use crate::store::{Overview, Store};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/overview",
            "getOverview",
            "Tells how things stand: what is due, what comes in the next 24 hours, who holds what, how much of what.",
            |route| route.to(overview),
        )
        .answers::<Standing>(200, "Each part as of its own instant: what costs the database more is asked less often."),
    ]
}

/// How things stand with all messages, and with what this process sends.
#[derive(Debug, Serialize, JsonSchema)]
struct Standing {
    #[serde(flatten)]
    messages: Overview,
    /// The ways to the destinations, as this process has them; another one has its own.
    destinations: Vec<DestinationFlow>,
}

async fn overview(store: web::Data<Store>, flow: web::Data<Flow>) -> Result<web::Json<Standing>, Problem> {
    let messages = store.overview().await.map_err(|error| unavailable(&error))?;
    Ok(web::Json(Standing { messages, destinations: flow.overview(Instant::now(), store.now()) }))
}
