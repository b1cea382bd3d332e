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

/// A topology that has come to its end does not matter here; one that fails drains the process.
async fn readyz(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    if site.is_draining() {
        return Err(Problem::unavailable("The process drains, and takes no new work."));
    }
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
