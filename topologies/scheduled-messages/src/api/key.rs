//! The key by which a repeated request is known.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use squall_ops::Problem;
use squall_ops::openapi::Header;

/// The header with the key.
pub(super) const NAME: &str = "Idempotency-Key";

/// The longest key, in characters.
const LIMIT: usize = 255;

pub(super) const HEADER: Header = Header {
    name: NAME,
    about: "Makes the request repeatable: 1 to 255 visible ASCII characters, another key for each message.",
    example: "newsletter-2031-01",
};

/// The key of a request, if its sender gave one.
#[derive(Clone, Debug)]
pub(super) struct Key(pub(super) Option<String>);

impl FromRequest for Key {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut keys = request.headers().get_all(NAME);
        let Some(key) = keys.next() else { return ready(Ok(Self(None))) };
        ready(match key.to_str() {
            Ok(key) if is_key(key) && keys.next().is_none() => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::bad_request(format!(
                "The header {NAME} must be given once, with 1 to {LIMIT} visible ASCII characters."
            ))),
        })
    }
}

/// Whether a text can be a key; if not, the rest of a sentence about it.
pub(super) fn key(text: &str) -> Result<(), String> {
    if is_key(text) {
        Ok(())
    } else {
        Err(format!("is no key; expected 1 to {LIMIT} visible ASCII characters"))
    }
}

fn is_key(text: &str) -> bool {
    (1..=LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
