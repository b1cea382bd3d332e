//! How things stand.

use actix_web::http::Method;
use actix_web::web;
use squall_ops::Problem;

use super::operation::Operation;
use super::trouble::unavailable;
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
        .answers::<Overview>(200, "Each part as of its own instant: what costs the database more is asked less often."),
    ]
}

async fn overview(store: web::Data<Store>) -> Result<web::Json<Overview>, Problem> {
    store.overview().await.map(web::Json).map_err(|error| unavailable(&error))
}
