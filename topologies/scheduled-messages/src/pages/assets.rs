//! What the pages of this topology have beside the look and the behaviour of all pages.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};

const STYLE: &str = include_str!("../../assets/messages.css");

const SCRIPT: &str = include_str!("../../assets/messages.js");

/// Adds them to a server.
pub(crate) fn routes(site: &mut web::ServiceConfig) {
    for (path, media_type, content) in [
        ("/assets/messages.css", "text/css; charset=utf-8", STYLE),
        ("/assets/messages.js", "text/javascript; charset=utf-8", SCRIPT),
    ] {
        let asset = move || async move {
            // A minute: long enough for one look around, short enough for another binary.
            let minute = HeaderValue::from_static("private, max-age=60");
            HttpResponse::Ok().insert_header((CACHE_CONTROL, minute)).content_type(media_type).body(content)
        };
        site.service(web::resource(path).route(web::get().to(asset)));
    }
}
