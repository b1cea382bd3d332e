//! What every request passes.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use crate::Problem;

/// Names and values of all headers of a request, in bytes.
const HEADER_LIMIT: usize = 16 * 1024;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Set on every answer that does not say otherwise. Scripts and styles come from this server only, and never inline.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
];

/// Adds the security headers.
pub(super) async fn add_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    for (name, value) in HEADERS {
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

/// Refuses oversized headers, and writes that a browser was led to by a page of somebody else.
pub(super) async fn refuse_strangers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(problem) = check(request.method().is_safe(), request.headers()) {
        return Ok(request.error_response(problem));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn check(is_safe: bool, headers: &HeaderMap) -> Result<(), Problem> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_LIMIT {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("The headers may have at most {HEADER_LIMIT} bytes."),
        ));
    }
    // Programs do not send this header, browsers always do.
    let is_own = headers.get(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin" || site == "none");
    if !is_safe && !is_own {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "A page of another site may not change anything here.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn a_write_from_another_site_is_refused() {
        assert_eq!(check(false, &headers(SEC_FETCH_SITE, "cross-site")).unwrap_err().status(), 403);
        assert_eq!(check(false, &headers(SEC_FETCH_SITE, "same-site")).unwrap_err().status(), 403);
    }

    #[test]
    fn a_write_from_an_own_page_or_a_program_passes() {
        assert_eq!(check(false, &headers(SEC_FETCH_SITE, "same-origin")), Ok(()));
        assert_eq!(check(false, &HeaderMap::new()), Ok(()));
    }

    #[test]
    fn a_link_from_another_site_can_be_followed() {
        assert_eq!(check(true, &headers(SEC_FETCH_SITE, "cross-site")), Ok(()));
    }

    #[test]
    fn oversized_headers_are_a_431() {
        let long = headers(header::COOKIE, &"x".repeat(HEADER_LIMIT));

        assert_eq!(check(true, &long).unwrap_err().status(), 431);
    }
}
