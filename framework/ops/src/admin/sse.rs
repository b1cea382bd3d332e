//! Server-sent events, as browsers read them.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use serde::Serialize;

/// The media type.
pub(super) const MEDIA_TYPE: &str = "text/event-stream";

/// How long a browser waits before it connects again, in milliseconds.
const RETRY: u32 = 2000;

/// A comment, which keeps proxies from taking the connection for dead.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// One event. What is sent of it is one line of JSON, which has no end of a line in it.
pub(super) fn event(name: &str, id: Option<&str>, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

/// What a stream begins with.
pub(super) fn hello(id: &str, data: &impl Serialize) -> Bytes {
    let hello = event("hello", Some(id), data);
    let mut bytes = format!("retry: {RETRY}\n").into_bytes();
    bytes.extend_from_slice(&hello);
    bytes.into()
}

/// An answer that goes on. Proxies are asked to pass on what comes when it comes.
pub(super) fn answer(body: impl MessageBody + 'static) -> HttpResponse {
    let buffering = HeaderName::from_static("x-accel-buffering");
    HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header((buffering, HeaderValue::from_static("no")))
        .body(body)
}
