//! The built-in inbox: a real HTTP receiver, and what it got as a page and as JSON.

mod deliveries;
mod page;

pub use deliveries::{Deliveries, Delivery, KEPT_DELIVERIES, NewDelivery};
pub(crate) use page::page;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;

use crate::api::unavailable;
use crate::destination::INBOX_PATH;

/// Where the page is.
pub(crate) const PAGE: &str = "/inbox";

/// A text of 64 KiB of control characters is six times as long in JSON.
const BODY_LIMIT: usize = 512 * 1024;

/// The longest `Idempotency-Key`, in bytes.
const KEY_LIMIT: usize = 256;

/// Adds the routes of the inbox to a server.
pub(crate) fn routes(site: &mut web::ServiceConfig, deliveries: &Deliveries) {
    site.app_data(web::Data::new(deliveries.clone()))
        .service(
            web::resource(INBOX_PATH)
                .app_data(web::PayloadConfig::new(BODY_LIMIT))
                .route(web::post().to(receive)),
        )
        .service(web::resource("/api/v1/inbox").route(web::get().to(list)));
}

#[derive(Deserialize)]
struct Body {
    account: String,
    text: String,
    due_at: Timestamp,
}

async fn receive(
    store: web::Data<Deliveries>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let idempotency_key = key(request.headers())?;
    let Body { account, text, due_at } = serde_json::from_slice(&body)
        .map_err(|error| Problem::unprocessable(format!("The body is not a delivery: {error}.")))?;
    let delivery = NewDelivery { idempotency_key, account, text, due_at };
    store.receive(delivery).await.map_err(|error| unavailable(&error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reads the key; a page of another site can neither set it nor this content type.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    if headers.get(CONTENT_TYPE).is_none_or(|kind| !kind.as_bytes().starts_with(b"application/json")) {
        return Err(Problem::bad_request("The body of a delivery must be application/json."));
    }
    let key = headers.get("Idempotency-Key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > KEY_LIMIT {
        return Err(Problem::bad_request(format!(
            "A delivery needs the header Idempotency-Key with 1 to {KEY_LIMIT} characters."
        )));
    }
    Ok(key.to_owned())
}

#[derive(Serialize)]
struct List {
    deliveries: Vec<Delivery>,
}

async fn list(store: web::Data<Deliveries>) -> Result<HttpResponse, Problem> {
    let deliveries = store.newest(KEPT_DELIVERIES).await.map_err(|error| unavailable(&error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(List { deliveries }))
}
