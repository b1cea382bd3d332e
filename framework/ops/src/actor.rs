//! [`Actor`]: who asks, for what is written down about it.

use std::fmt;
use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::{FromRequest, HttpRequest, dev};
use serde::Serialize;

use crate::Problem;
use crate::http::credentials::Credentials;

/// The header with the name of whoever asks.
const HEADER: &str = "Squall-Actor";

/// The longest name, in characters.
const LIMIT: usize = 80;

/// Who it was, if nobody said.
const NOBODY: &str = "anonymous";

/// Who asks: for what is written down about it, and not for any permission.
///
/// The name is the user that a browser or a program gave along with the token; else what the header `Squall-Actor` says;
/// else `anonymous`. Everybody who may ask at all can give any name. It has at most 80 characters, none of which is a
/// control character or turns the direction of the text.
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use squall_ops::Actor;
///
/// async fn suspend(actor: Actor) -> HttpResponse {
///     HttpResponse::Ok().body(format!("suspended by {}", actor.name))
/// }
///
/// let route = web::post().to(suspend);
/// # drop(route);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// The name, as they say themselves.
    pub name: String,
    /// The machine that asked; a proxy, if there is one in between.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Who sent this request.
    pub fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let user = Credentials::of(headers).and_then(|credentials| clean(&credentials.user?));
        let said = || {
            let said = headers.get(HEADER)?;
            clean(&String::from_utf8_lossy(said.as_bytes()))
        };
        let name = user.or_else(said).unwrap_or_else(|| NOBODY.to_owned());
        Self { name, address: request.peer_addr().map(|address| address.ip().to_canonical()) }
    }
}

impl FromRequest for Actor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(f, "{} from {address}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// The name without what could pretend to be something else; nothing if nothing is left.
fn clean(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|&letter| !is_deceptive(letter)).take(LIMIT).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Control characters, the ends of lines and paragraphs, and what is invisible or changes the direction.
fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::AUTHORIZATION;
    use actix_web::test::TestRequest;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn basic(user: &str) -> (actix_web::http::header::HeaderName, String) {
        (AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{user}:secret"))))
    }

    #[test]
    fn the_user_of_the_token_comes_before_the_header() {
        let request = || TestRequest::default().peer_addr("[::ffff:10.0.0.7]:4000".parse().unwrap());
        let said = (HEADER, "cron");

        let both = Actor::of(&request().insert_header(basic("ada")).insert_header(said).to_http_request());
        let nameless = Actor::of(&request().insert_header(basic("")).insert_header(said).to_http_request());

        assert_eq!(both.to_string(), "ada from 10.0.0.7");
        assert_eq!(nameless.name, "cron");
        assert_eq!(Actor::of(&request().to_http_request()).name, "anonymous");
    }

    #[test]
    fn a_name_is_short_and_cannot_pretend_to_be_a_line_of_the_log() {
        let long = basic(&"x".repeat(1000));
        let tricky = basic("ada\r\n2026-01-01 ERROR\u{1b}[31m \u{202e}gone\u{2028}!");
        let name = |user| Actor::of(&TestRequest::default().insert_header(user).to_http_request()).name;

        assert_eq!(name(long).len(), 80);
        assert_eq!(name(tricky), "ada2026-01-01 ERROR[31m gone!");
        assert_eq!(name(basic("\r\n\t ")), "anonymous");
    }
}
