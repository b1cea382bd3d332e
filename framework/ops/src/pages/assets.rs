//! Style and behaviour of the pages: part of the binary, and kept by browsers until the binary is another one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

/// What a browser asks for, and what it gets.
struct Asset {
    path: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 3] = [
    Asset {
        path: "/assets/squall.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../../assets/squall.css"),
    },
    Asset {
        path: "/assets/squall.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/squall.js"),
    },
    Asset {
        path: "/assets/icon.svg",
        media_type: "image/svg+xml",
        content: include_str!("../../assets/icon.svg"),
    },
];

/// Stands in the addresses, so that other content has another address.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.iter().for_each(|asset| asset.content.hash(&mut hasher));
    format!("{:016x}", hasher.finish())
});

/// The version of all assets.
pub(super) fn version() -> &'static str {
    &VERSION
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    for Asset { path, media_type, content } in ASSETS {
        let asset = move |request: HttpRequest| async move {
            let mut response = HttpResponse::Ok();
            // While one process takes over from another, a page of the one may come for an asset of the other.
            if request.query_string() == format!("v={}", version()) {
                let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
                response.insert_header((header::CACHE_CONTROL, forever));
            }
            response.content_type(media_type).body(content)
        };
        service.service(web::resource(path).route(web::get().to(asset)));
    }
}
