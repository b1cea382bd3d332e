//! What programs ask: `GET /api/v1/enrichment/overload`.

use actix_web::http::Method;
use actix_web::web;
use squall_ops::openapi::{Operation, Operations};

use super::{Outlook, Overload};

/// What programs may ask of a topology.
pub(crate) fn operations(overload: &Overload) -> Operations {
    let ask = Operation::new(
        Method::GET,
        "/api/v1/enrichment/overload",
        "getEnrichmentOverload",
        "Tells what the enrichment has to do, what it can do, and when it will be done.",
        |route| route.to(tell),
    )
    .answers::<Outlook>(200, "As of the last look, a second ago at most.");
    Operations::new([ask]).share(overload.clone())
}

async fn tell(overload: web::Data<Overload>) -> web::Json<Outlook> {
    web::Json(overload.outlook())
}
