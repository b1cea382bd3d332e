//! The pages that a browser sees; they work without scripts.

mod html;
mod index;
mod number;

use actix_web::http::header::ContentType;
use actix_web::mime;
use actix_web::{HttpResponse, web};

/// Adds the pages and their style.
pub(crate) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/").route(web::get().to(index::index)));
    service.service(web::resource("/assets/squall.css").route(web::get().to(style)));
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType(mime::TEXT_CSS_UTF_8)).body(include_str!("pages/squall.css"))
}
