//! Whether the process lives and is ready, for those who restart it or send it work.

use actix_web::{HttpResponse, web};

use crate::Problem;
use crate::site::Site;

/// Adds `/livez` and `/readyz`.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/livez").route(web::get().to(livez)));
    service.service(web::resource("/readyz").route(web::get().to(readyz)));
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live\n")
}

async fn readyz(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    if site.is_ready() {
        return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"));
    }
    let ended: Vec<&str> = site
        .topologies
        .iter()
        .filter(|topology| !topology.is_running())
        .map(|topology| topology.name)
        .collect();
    Err(Problem::unavailable(if site.is_draining() {
        "The process drains, and takes no new work.".to_owned()
    } else {
        format!("These topologies have ended: {}.", ended.join(", "))
    }))
}
