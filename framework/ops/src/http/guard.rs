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
    let is_own = is_same_site(headers) && is_same_origin(headers);
    if !is_safe && !is_own {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "A page of another site may not change anything here.",
        ));
    }
    Ok(())
}

/// Programs do not send this header. Browsers of today do, except to an address that they do not trust, such as plain
/// HTTP on another machine; then `Origin` tells.
fn is_same_site(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin" || site == "none")
}

/// Browsers send an `Origin` with every write to another origin; `null` stands for one that they keep to themselves.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match (origin, host) {
        (Some((scheme, origin)), Some(host)) => {
            let port = match scheme {
                "http" => ":80",
                "https" => ":443",
                _ => return false,
            };
            // Either may leave the port of its scheme out.
            let bare = |name: &str| name.strip_suffix(port).unwrap_or(name).to_ascii_lowercase();
            bare(origin) == bare(host)
        }
        _ => false,
    }
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
    fn a_write_whose_origin_is_not_this_host_is_refused() {
        let check = |origin: &str, host: &str| {
            let mut headers = headers(header::ORIGIN, origin);
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            check(false, &headers).map_err(|problem| problem.status().as_u16())
        };

        assert_eq!(check("http://127.0.0.1:8090", "127.0.0.1:8090"), Ok(()));
        assert_eq!(check("https://Squall.example", "squall.example:443"), Ok(()));
        assert_eq!(check("http://[::1]:8090", "[::1]:8090"), Ok(()));
        for origin in
            ["http://evil.example", "http://127.0.0.1:9000", "null", "", "file://", "ftp://127.0.0.1:8090"]
        {
            assert_eq!(check(origin, "127.0.0.1:8090"), Err(403), "{origin}");
        }
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
