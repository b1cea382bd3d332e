//! [`Credentials`]: what a request shows of itself.

use std::fmt;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use squall_topology::Secret;
use subtle::ConstantTimeEq as _;

/// Some programs leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a request shows of itself: a token, and perhaps a name.
pub(crate) struct Credentials {
    /// The user of `Basic`, which browsers ask for.
    pub(crate) user: Option<String>,
    token: Vec<u8>,
}

impl Credentials {
    /// Those of the header `Authorization`, as `Bearer TOKEN` or as `Basic` with the token for a password.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(AUTHORIZATION);
        let value = all.next()?.to_str().ok()?;
        if all.next().is_some() {
            // Who is meant cannot be told.
            return None;
        }
        let (scheme, rest) = value.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self { user: None, token: rest.as_bytes().to_vec() });
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = BASE64.decode(rest).ok()?;
        let colon = pair.iter().position(|&byte| byte == b':')?;
        let (user, token) = pair.split_at(colon);
        let user = String::from_utf8_lossy(user).into_owned();
        Some(Self { user: Some(user), token: token.strip_prefix(b":")?.to_vec() })
    }

    /// Whether it is this token. How long that takes does not depend on how much of it is right.
    pub(super) fn show(&self, token: &Secret) -> bool {
        self.token.ct_eq(token.expose().as_bytes()).into()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn shown(values: &[&str]) -> Option<(Option<String>, bool)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        let credentials = Credentials::of(&headers)?;
        let token = Secret::new("s:3cret");
        Some((credentials.user.clone(), credentials.show(&token)))
    }

    #[test]
    fn a_token_is_shown_as_a_bearer_or_as_a_password() {
        assert_eq!(shown(&["Bearer s:3cret"]), Some((None, true)));
        assert_eq!(shown(&["bearer  s:3cret "]), Some((None, true)));
        // ada:s:3cret, with and without padding.
        assert_eq!(shown(&["Basic YWRhOnM6M2NyZXQ="]), Some((Some("ada".into()), true)));
        assert_eq!(shown(&["BASIC YWRhOnM6M2NyZXQ"]), Some((Some("ada".into()), true)));
    }

    #[test]
    fn anything_else_shows_nothing() {
        for wrong in ["Bearer s:3cre", "Bearer s:3crets", "Bearer ", "Bearer S:3CRET"] {
            assert_eq!(shown(&[wrong]), Some((None, false)), "{wrong}");
        }
        for wrong in ["", "Bearer", "s:3cret", "Digest s:3cret", "Basic s:3cret", "Basic YWRh", "Basic ="] {
            assert_eq!(shown(&[wrong]), None, "{wrong}");
        }
        assert_eq!(shown(&["Bearer s:3cret", "Bearer s:3cret"]), None);
    }

    #[test]
    fn a_token_is_never_printed() {
        let credentials = Credentials { user: Some("ada".into()), token: b"s3cret".to_vec() };

        assert_eq!(format!("{credentials:?}"), "Credentials { user: Some(\"ada\"), .. }");
    }
}
