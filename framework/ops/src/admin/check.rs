//! What the checks say.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;

use crate::check::CheckState;
use crate::openapi::Operation;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/checks",
            "listChecks",
            "Tells what every check says of every thing: what it measured, and whether its bound holds.",
            |route| route.to(list),
        )
        .answers::<Checks>(200, "By name."),
    ]
}

/// What every check says.
#[derive(Debug, Serialize, JsonSchema)]
struct Checks {
    checks: Vec<CheckState>,
}

async fn list(site: web::Data<Site>) -> web::Json<Checks> {
    web::Json(Checks { checks: site.lookout.checks() })
}
