//! Whether a request is meant for this process.
//!
//! A page of somebody else can have its own name lead to this machine, and then read here as if this were its own site.
//! It cannot choose an address in figures, nor `localhost`: so these are fine, and names only if they are known.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HOST;
use actix_web::http::uri::Authority;
use actix_web::http::{StatusCode, Version};
use squall_topology::settings::HostName;

use crate::Problem;

/// Checks for whom a request is.
///
/// # Errors
///
/// 400 if it does not say so as it has to, 421 if it is not for this process.
pub(super) fn check(request: &ServiceRequest, known: &[HostName]) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(HOST);
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Problem::bad_request("There is more than one header Host."));
    }
    match host {
        Some(host) => {
            let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
            is_own(&host.ok_or_else(|| Problem::bad_request("The header Host cannot be read."))?, known)?;
        }
        None if request.version() < Version::HTTP_11 => {}
        None => return Err(Problem::bad_request("The header Host is missing.")),
    }
    // A proxy would be asked like this; then it is this that counts.
    request.uri().authority().map_or(Ok(()), |authority| is_own(authority, known))
}

fn is_own(authority: &Authority, known: &[HostName]) -> Result<(), Problem> {
    if authority.as_str().contains('@') {
        return Err(Problem::bad_request("The header Host cannot be read."));
    }
    let host = authority.host();
    let figures = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_known = figures.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || known.iter().any(|known| known.as_str().eq_ignore_ascii_case(host));
    if is_known {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        format!(
            "Nobody here is called {host}: use an address in figures or localhost, or add the name to `hosts` under \
             [admin] of the configuration."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(host: &str) -> u16 {
        let request = TestRequest::default().insert_header((HOST, host)).to_srv_request();
        let known = ["squall.example.org".parse().unwrap()];
        check(&request, &known).map_or_else(|problem| problem.status().as_u16(), |()| 200)
    }

    #[test]
    fn figures_localhost_and_known_names_are_meant() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8090",
            "[::1]:8090",
            "10.0.0.7",
            "LOCALHOST:1",
            "squall.example.org",
            "Squall.Example.org:443",
        ] {
            assert_eq!(status(host), 200, "{host}");
        }
    }

    #[test]
    fn any_other_name_is_a_421() {
        for host in [
            "evil.example",
            "evil.example:8090",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "a.squall.example.org",
            "squall.example.org.",
            "2130706433",
            "0x7f.1",
        ] {
            assert_eq!(status(host), 421, "{host}");
        }
    }

    #[test]
    fn a_host_that_cannot_be_read_is_a_400() {
        for host in
            ["", "a b", "http://127.0.0.1", "localhost@evil.example", "evil.example@localhost", "[::1"]
        {
            assert_eq!(status(host), 400, "{host}");
        }
    }
}
