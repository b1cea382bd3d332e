//! Makes the answers of the web framework itself into problems.

use std::fmt::Display;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};

use super::body::BODY_LIMIT;
use super::{MEDIA_TYPE, Problem};

/// Configures the extractors so that a query, a path or a body that cannot be read is answered as a [`Problem`], and a
/// path that nobody serves too.
pub fn extractors(site: &mut web::ServiceConfig) {
    site.app_data(web::QueryConfig::default().error_handler(|error, _| {
        let fault = without_prefix(&error);
        Problem::bad_request(format!("The query cannot be read: {fault}.")).into()
    }));
    site.app_data(web::PathConfig::default().error_handler(|error, request: &HttpRequest| {
        let fault = without_prefix(&error);
        Problem::not_found(format!("There is nothing at {}: {fault}.", request.path())).into()
    }));
    site.app_data(web::FormConfig::default().limit(BODY_LIMIT).error_handler(|error, _| {
        let status = actix_web::ResponseError::status_code(&error);
        Problem::new(status, format!("The form cannot be read: {error}.")).into()
    }));
    site.app_data(web::PayloadConfig::new(BODY_LIMIT));
    site.default_service(web::to(async |request: HttpRequest| -> Result<String, Problem> {
        Err(Problem::not_found(format!("There is nothing at {}.", request.path())))
    }));
}

/// A middleware that turns bare errors, such as a 405 of the router, into problems.
///
/// # Errors
///
/// Those of the service that it wraps.
pub async fn answer_as_problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = request.method().clone();
    let path = request.path().to_owned();
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    if !is_bare(&response) {
        return Ok(response);
    }
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} does not answer to {method}."),
        StatusCode::NOT_FOUND => format!("There is nothing at {path}."),
        status if status.is_server_error() => "The server failed; its log says why.".to_owned(),
        _ => match response.response().error() {
            Some(error) => format!("{error}"),
            None => format!("{method} {path} was refused."),
        },
    };
    let body = Problem::new(status, detail).to_json();
    Ok(response.map_body(|head, _| {
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        BoxBody::new(body)
    }))
}

/// Leaves out the name that the framework puts before what serde says.
fn without_prefix(error: &impl Display) -> String {
    let text = error.to_string();
    text.split_once("deserialize error: ").map_or(text.clone(), |(_, fault)| fault.to_owned())
}

/// Whether an error has no body, or only the plain text that the framework gives it.
fn is_bare(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return false;
    }
    let is_empty = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let is_plain =
        response.headers().get(CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    is_empty || (is_plain && response.response().error().is_some())
}
