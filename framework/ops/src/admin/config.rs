//! The configuration: what holds, what a reload would change, and the reload.

use actix_web::http::Method;
use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::Serialize;

use super::operator::Operator;
use super::version::{self, IfMatch};
use crate::openapi::{ACTOR, Operation};
use crate::reload::{Changes, Shown};
use crate::site::Site;
use crate::{Actor, Problem};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/config",
            "getConfig",
            "Tells which configuration holds, and what became of the last reload.",
            |route| route.to(show),
        )
        .answers::<Shown>(200, "`ETag` is the hash of the configuration that holds."),
        Operation::new(
            Method::GET,
            "/api/v1/config/plan",
            "planReload",
            "Tells what a reload would change now. Nothing is touched.",
            |route| route.to(plan),
        )
        .answers::<Changes>(200, "`ETag` is the hash of the file as it is now.")
        .refuses(409, "The process drains.")
        .refuses(422, "The configuration is wrong: each fault with its place."),
        Operation::new(
            Method::POST,
            "/api/v1/config/reload",
            "reloadConfig",
            "Reads the configuration and lets it hold, or leaves everything as it was.",
            |route| route.to(reload),
        )
        .header(ACTOR)
        .header(version::HEADER)
        .answers::<Reloaded>(200, "It holds.")
        .refuses(409, "The process drains, or the configuration could not be applied and was put back.")
        .refuses(
            412,
            "The file is neither what was planned with, nor does the configuration hold that you looked at.",
        )
        .refuses(422, "The configuration is wrong: each fault with its place. Nothing was touched.")
        .refuses(500, "It could not be applied, and not be put back: the process drains."),
    ]
}

/// A configuration that holds from now on.
#[derive(Debug, Serialize, JsonSchema)]
struct Reloaded {
    /// What was done, in a sentence.
    message: String,
    changes: Changes,
}

async fn show(site: web::Data<Site>) -> HttpResponse {
    let shown = site.config.shown();
    HttpResponse::Ok().insert_header((ETAG, version::etag(&shown.hash))).json(shown)
}

async fn plan(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let changes = site.plan().await??;
    Ok(HttpResponse::Ok().insert_header((ETAG, version::etag(&changes.hash))).json(changes))
}

async fn reload(
    site: web::Data<Site>,
    actor: Actor,
    if_match: IfMatch,
) -> Result<web::Json<Reloaded>, Problem> {
    let changes = Operator::new(&site, &actor).reload(&if_match).await?;
    Ok(web::Json(Reloaded { message: changes.in_words(), changes }))
}
