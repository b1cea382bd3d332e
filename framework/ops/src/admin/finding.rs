//! What somebody should look into.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::Finding;
use crate::openapi::Operation;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/findings",
            "listFindings",
            "Tells what somebody should look into: where, why, since when, and what to do.",
            |route| route.to(list),
        )
        .answers::<Findings>(200, "The worst first."),
    ]
}

/// What somebody should look into.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(findings: &[Finding]) -> Self {
        Self { findings: findings.to_vec() }
    }
}

async fn list(site: web::Data<Site>) -> web::Json<Findings> {
    web::Json(Findings::new(&site.lookout.findings()))
}
