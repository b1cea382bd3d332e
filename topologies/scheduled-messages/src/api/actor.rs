//! Who asks, as they say themselves.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use squall_ops::Problem;
use squall_ops::openapi::Header;

/// The header with the name of whoever asks.
const NAME: &str = "Squall-Actor";

/// The longest name, in characters.
const LIMIT: usize = 128;

/// Who it was, if nobody said.
const NOBODY: &str = "api";

pub(super) const HEADER: Header = Header {
    name: NAME,
    about: "Who asks, for the trail: 1 to 128 visible ASCII characters and spaces. `api` if it is not given.",
    example: "ada@example.org",
};

/// Who asks: for the trail, and not for any permission.
#[derive(Clone, Debug)]
pub(super) struct Actor(pub(super) String);

impl FromRequest for Actor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(actor(request))
    }
}

fn actor(request: &HttpRequest) -> Result<Actor, Problem> {
    let mut names = request.headers().get_all(NAME);
    let Some(name) = names.next() else { return Ok(Actor(NOBODY.to_owned())) };
    let is_visible = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    match name.to_str() {
        Ok(name)
            if (1..=LIMIT).contains(&name.len())
                && name.as_bytes().iter().all(is_visible)
                && names.next().is_none() =>
        {
            Ok(Actor(name.to_owned()))
        }
        _ => Err(Problem::bad_request(format!(
            "The header {NAME} must be given once, with 1 to {LIMIT} visible ASCII characters."
        ))),
    }
}
