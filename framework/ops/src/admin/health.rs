//! Whether the process lives and is ready, for those who restart it or send it work.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};

use crate::Problem;
use crate::openapi::Operation;
use crate::site::Site;

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/livez",
            "isAlive",
            "Tells that the process lives. Needs no token.",
            |route| route.to(livez),
        )
        .answers_as::<String>(200, TEXT, "It does."),
        Operation::new(
            Method::GET,
            "/readyz",
            "isReady",
            "Tells whether the process takes new work. Needs no token.",
            |route| route.to(readyz),
        )
        .answers_as::<String>(200, TEXT, "It does.")
        .refuses(503, "It drains."),
    ]
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body("live\n")
}

/// A topology that has come to its end does not matter here; one that fails drains the process.
async fn readyz(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    if site.is_draining() {
        return Err(Problem::unavailable("The process drains, and takes no new work."));
    }
    Ok(HttpResponse::Ok().content_type(TEXT).body("ready\n"))
}
