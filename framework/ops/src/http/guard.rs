//! What every request passes.

use std::time::Duration;

use actix_http::ConnectionType;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError as _, web};
use squall_topology::Secret;

use super::credentials::Credentials;
use super::host;
use super::patience::Patience;
use crate::Problem;
use crate::access::Access;

/// Where no token is needed: these tell nothing, and those who ask have none.
const FREE: [&str; 2] = ["/livez", "/readyz"];

/// What to answer a 401 with. Browsers take the one that they know, and ask for user and password.
const CHALLENGES: [&str; 2] = ["Basic realm=\"squall\", charset=\"UTF-8\"", "Bearer realm=\"squall\""];

/// Longer than a slow line takes for what is read at once.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Names and values of all headers of a request, in bytes.
const HEADER_LIMIT: usize = 16 * 1024;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Set on every answer that does not say otherwise. Scripts and styles come from this server only, and never inline.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Nothing is told to others. Without any referrer a browser would take the origin out of own forms, too.
    (header::REFERRER_POLICY, "same-origin"),
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

/// Who is let in.
#[derive(Debug)]
pub(crate) struct Guard {
    access: Access,
    /// What this process itself shows.
    own_token: Secret,
    /// How long a body may take until there is an answer.
    pub(super) body_timeout: Duration,
}

impl Guard {
    /// Lets in whom the configuration lets in, and this process itself.
    pub(crate) fn new(access: Access, own_token: Secret) -> Self {
        Self { access, own_token, body_timeout: BODY_TIMEOUT }
    }

    /// Whether anything may be changed over HTTP: pages show no buttons otherwise.
    pub(crate) fn may_act(&self) -> bool {
        self.access.may_act
    }

    /// Whether tuples may be looked at.
    pub(crate) fn may_tap(&self) -> bool {
        self.access.may_tap
    }

    fn check(&self, request: &ServiceRequest) -> Result<(), Problem> {
        let headers = request.headers();
        check_size(headers)?;
        let credentials = Credentials::of(headers);
        let show = |token: &Secret| credentials.as_ref().is_some_and(|shown| shown.show(token));
        if show(&self.own_token) {
            return Ok(());
        }
        host::check(request, &self.access.hosts)?;
        if let Some(token) = &self.access.token
            && !FREE.contains(&request.path())
            && !show(token)
        {
            return Err(stranger(credentials.is_some()));
        }
        if request.method().is_safe() {
            return Ok(());
        }
        check_site(headers)?;
        if self.access.may_act { Ok(()) } else { Err(read_only()) }
    }
}

/// Refuses whoever may not ask, and answers that come to nothing because the rest of the request did not come.
pub(super) async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(guard) = request.app_data::<web::Data<Guard>>().cloned() else {
        return Ok(request.error_response(Problem::internal("Nobody guards this server.")));
    };
    let patience = Patience::with(&mut request, guard.body_timeout);
    if let Err(problem) = guard.check(&request) {
        return Ok(refuse(request, &problem).map_body(|_, body| patience.hold(body)));
    }
    let response = next.call(request).await?;
    if let Err(problem) = patience.end() {
        let (request, _) = response.into_parts();
        let mut response = problem.error_response();
        response.head_mut().set_connection_type(ConnectionType::Close);
        let response = ServiceResponse::new(request, response);
        return Ok(response.map_body(|_, body| patience.hold(body)));
    }
    Ok(response.map_into_boxed_body().map_body(|_, body| patience.hold(body)))
}

fn refuse(request: ServiceRequest, problem: &Problem) -> ServiceResponse<BoxBody> {
    let mut response = problem.error_response();
    if problem.status() == StatusCode::UNAUTHORIZED {
        for challenge in CHALLENGES {
            response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
    request.into_response(response)
}

/// It does not say whether there is something at the path.
fn stranger(has_shown: bool) -> Problem {
    let what = if has_shown { "That is not the token of this server." } else { "This server wants a token." };
    Problem::new(
        StatusCode::UNAUTHORIZED,
        format!("{what} Send it as `Authorization: Bearer TOKEN`, or as the password of any user."),
    )
}

fn read_only() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "Nothing can be changed here. Who may change the configuration can write actions = true under [admin].",
    )
    .kind("/problems/read-only", "Read-only")
}

fn check_size(headers: &HeaderMap) -> Result<(), Problem> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_LIMIT {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("The headers may have at most {HEADER_LIMIT} bytes."),
        ));
    }
    Ok(())
}

/// Refuses a write that a browser was led to by a page of somebody else.
fn check_site(headers: &HeaderMap) -> Result<(), Problem> {
    if is_same_site(headers) && is_same_origin(headers) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "A page of another site may not change anything here."))
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
        assert_eq!(check_site(&headers(SEC_FETCH_SITE, "cross-site")).unwrap_err().status(), 403);
        assert_eq!(check_site(&headers(SEC_FETCH_SITE, "same-site")).unwrap_err().status(), 403);
    }

    #[test]
    fn a_write_from_an_own_page_or_a_program_passes() {
        assert_eq!(check_site(&headers(SEC_FETCH_SITE, "same-origin")), Ok(()));
        assert_eq!(check_site(&HeaderMap::new()), Ok(()));
    }

    #[test]
    fn a_write_whose_origin_is_not_this_host_is_refused() {
        let check = |origin: &str, host: &str| {
            let mut headers = headers(header::ORIGIN, origin);
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            check_site(&headers).map_err(|problem| problem.status().as_u16())
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
    fn oversized_headers_are_a_431() {
        let long = headers(header::COOKIE, &"x".repeat(HEADER_LIMIT));

        assert_eq!(check_size(&long).unwrap_err().status(), 431);
    }
}
