//! The configuration over HTTP: what holds, what a reload would change, and the reload.

use actix_web::http::header::{ETag, EntityTag, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::Problem;
use crate::site::Site;

/// Adds `/api/v1/config` and what is below it.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/api/v1/config").route(web::get().to(config)));
    service.service(web::resource("/api/v1/config/plan").route(web::get().to(plan)));
    service.service(web::resource("/api/v1/config/reload").route(web::post().to(reload)));
}

async fn config(site: web::Data<Site>) -> HttpResponse {
    HttpResponse::Ok().json(site.config.shown())
}

async fn plan(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let changes = site.plan().await??;
    let tag = EntityTag::new_strong(changes.hash.clone());
    Ok(HttpResponse::Ok().insert_header(ETag(tag)).json(changes))
}

/// With `If-Match`, only what its plan was made of is reloaded: the hash of the file, which the plan has as its `ETag`.
async fn reload(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let wanted = request.headers().get(IF_MATCH).map(|wanted| String::from_utf8_lossy(wanted.as_bytes()));
    // What is no hash at all is none that the file could have.
    let expected = wanted.map(|wanted| wanted.trim().trim_matches('"').to_owned()).filter(|hash| hash != "*");
    let changes = site.reload(expected).await??;
    Ok(HttpResponse::Ok().json(json!({ "message": changes.in_words(), "changes": changes })))
}
