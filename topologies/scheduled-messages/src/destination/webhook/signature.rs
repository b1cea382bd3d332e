//! Signatures of Standard Webhooks 1.0.

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sha2::Sha256;
use squall_topology::Secret;

/// How long a key is, in bytes.
const LENGTH: RangeInclusive<usize> = 24..=64;

const PREFIX: &str = "whsec_";

/// A key that attempts are signed with.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    fn parse(secret: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "the secret is not a key of Standard Webhooks; expected `{PREFIX}` and {} to {} bytes in base64",
                LENGTH.start(),
                LENGTH.end()
            )
        };
        let bytes = secret.strip_prefix(PREFIX).and_then(|key| BASE64_STANDARD.decode(key).ok());
        let bytes = bytes.filter(|bytes| LENGTH.contains(&bytes.len())).ok_or_else(wrong)?;
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| wrong())
    }

    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut hmac = self.0.clone();
        hmac.update(format!("{id}.{timestamp}.").as_bytes());
        hmac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(hmac.finalize().into_bytes()))
    }
}

/// The header `webhook-signature`: one for each key.
pub(super) fn sign(keys: &[Key], id: &str, timestamp: i64, body: &[u8]) -> String {
    keys.iter().map(|key| key.sign(id, timestamp, body)).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Secret::deserialize(deserializer)?.expose()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_reference_implementation() {
        let keys = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"];
        let keys = keys.map(|key| Key::parse(key).unwrap());
        let body = "{\"id\":\"1\",\"text\":\"Grüße\"}";

        let signed = sign(&keys, "01890a5d-ac96-774b-bcce-b302099a8057", 1_767_351_600, body.as_bytes());

        // What the reference implementation in Python (standardwebhooks 1.0.0) gives for each of them.
        let expected =
            "v1,e61uPpPQH+rNoq6YBhKvDfng45y4L6yMS9vLRe9KhuQ= v1,ODxKAKczxFxJMar6ARchGh01TLSXyKn16D9JkvWFn1U=";
        assert_eq!(signed, expected);
    }
}
