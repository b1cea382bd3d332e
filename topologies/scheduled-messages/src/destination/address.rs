//! An address of the operator's.

use std::borrow::Cow;
use std::fmt;

use reqwest::Url;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use squall_connect::http::Addresses;
use squall_topology::schema::{JsonSchema, Schema, SchemaGenerator};

const EXPECTED: &str = "expected an address such as \"https://example.org/hook\"";

/// An address of the configuration, with `http` or `https`. It is never printed: it may carry a token.
#[derive(Clone)]
pub(super) struct Address(Url);

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{error}; {EXPECTED}"))?;
        match url.scheme() {
            "http" | "https" => Ok(Self(url)),
            other => Err(format!("`{other}` is neither http nor https; {EXPECTED}")),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address of `path` below this one.
    pub(super) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.as_str().trim_end_matches('/'))
    }

    /// Where requests to it may end up.
    ///
    /// An address that is written out, and `localhost`, is meant as it stands. A name may lead to the public internet
    /// only, whatever it resolves to at the moment, unless the configuration says that it is `private`.
    pub(super) fn addresses(&self, is_private: bool) -> Addresses {
        let host = self.0.host_str().unwrap_or_default().trim_end_matches('.');
        let is_written_out = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        if is_private || is_written_out || is_here { Addresses::Any } else { Addresses::Public }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^https?://" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(url: &str) -> Addresses {
        Address::parse(url).unwrap().addresses(false)
    }

    #[test]
    fn what_is_none_is_refused_with_an_example() {
        for wrong in ["nowhere", "ftp://example.org/", ""] {
            let error = Address::parse(wrong).unwrap_err();
            assert!(error.contains("https://example.org/hook"), "{error}");
        }
    }

    #[test]
    fn a_name_leads_to_the_public_internet_only() {
        for url in [
            "http://example.org/",
            "http://internal/",
            "http://127.0.0.1.example.org/",
            "http://nolocalhost/",
        ] {
            assert_eq!(addresses(url), Addresses::Public, "{url}");
        }
        for url in [
            "http://127.0.0.1:9/",
            "http://[::1]/",
            "http://10.0.0.1/",
            "http://localhost:9/",
            "http://a.localhost./",
        ] {
            assert_eq!(addresses(url), Addresses::Any, "{url}");
        }
        assert_eq!(Address::parse("http://internal/").unwrap().addresses(true), Addresses::Any);
    }

    #[test]
    fn it_is_never_printed() {
        assert_eq!(format!("{:?}", Address::parse("http://host/secret").unwrap()), "***");
    }

    #[test]
    fn paths_go_below_it() {
        for service in ["https://example.org", "https://example.org/"] {
            assert_eq!(Address::parse(service).unwrap().below("xrpc/a"), "https://example.org/xrpc/a");
        }
    }
}
