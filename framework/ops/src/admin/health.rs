//! Whether the process lives, is ready and is well: for those who restart it, send it work, or watch over it.

mod digest;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};

use crate::Problem;
use crate::openapi::Operation;
use crate::site::Site;
use digest::{Digest, Health};

const TEXT: &str = "text/plain; charset=utf-8";

/// The media type of draft-inadarei-api-health-check.
const HEALTH: &str = "application/health+json";

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
        Operation::new(
            Method::GET,
            "/health",
            "getHealth",
            "Tells in one answer what all checks say: `fail` if somebody has to act now, `warn` if there is something to \
             look into, else `pass`.",
            |route| route.to(health),
        )
        .answers_as::<Digest>(200, HEALTH, "`pass` or `warn`.")
        .answers_as::<Digest>(503, HEALTH, "`fail`."),
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

async fn health(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let digest = Digest::of(&site);
    let code = match digest.status {
        Health::Fail => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let text = serde_json::to_string(&digest)
        .map_err(|error| Problem::internal(format!("The digest cannot be written: {error}.")))?;
    Ok(HttpResponse::build(code).content_type(HEALTH).insert_header(("Cache-Control", "no-store")).body(text))
}
