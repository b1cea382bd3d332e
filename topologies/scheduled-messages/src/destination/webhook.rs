//! The destination `webhook`: a POST to an address of the operator's.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Method, Url, header};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use squall_topology::schema::JsonSchema;
use squall_topology::settings::duration;

use super::{Attempt, Capability, Clients, Destination, Outcome, Reply, answer};

const TIMEOUT: Duration = Duration::from_secs(10);

/// All destinations share the senders: one that may take its time for ever would hold up the others.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Posts messages as JSON to an address that the operator configured.
///
/// The body is `{"id", "account", "text", "due_at"}`, and the header `Idempotency-Key` is the id: a receiver that
/// remembers it takes no message twice. A 2xx means that it has the message; 408, 425, 429 and 5xx, a missing
/// connection and a timeout are tried again, `Retry-After` is heeded up to an hour; all else is final. Redirects
/// are not followed. The timeout is at most 60 s.
///
/// ```toml
/// [destinations.hook]
/// type = "webhook"
/// url = "http://127.0.0.1:9000/"
/// timeout = "10s"
/// ```
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Posts messages as JSON to an address.")]
pub struct Webhook {
    /// Where they are posted to: an address with `http` or `https`.
    #[schemars(regex(pattern = "^https?://"))]
    #[serde(deserialize_with = "address")]
    url: String,
    /// How long a delivery may take, at most 60 seconds; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default = "default_timeout", deserialize_with = "timeout")]
    timeout: Duration,
}

#[derive(Serialize)]
struct Body<'a> {
    id: String,
    account: &'a str,
    text: &'a str,
    due_at: Timestamp,
}

impl Webhook {
    /// A webhook at `url`, with a timeout of 10 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), timeout: TIMEOUT }
    }

    /// Changes how long a delivery may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn post(&self, attempt: Attempt<'_>, clients: &Clients) -> Reply {
        let Attempt { id, account, text, due_at, .. } = attempt;
        let body = match serde_json::to_vec(&Body { id: id.to_string(), account, text, due_at }) {
            Ok(body) => body,
            Err(error) => return Outcome::Refused { error: error.to_string() }.into(),
        };
        let client = clients.any();
        let request = client
            .request(Method::POST, &self.url)
            .timeout(self.timeout)
            .header("Idempotency-Key", attempt.key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        match client.send(request).await {
            Ok(answer) => answer::judge(&answer, Timestamp::now()),
            Err(error) => answer::missing(&error),
        }
    }
}

#[typetag::deserialize(name = "webhook")]
impl Destination for Webhook {
    fn capability(&self) -> Capability {
        Capability::Keyed
    }

    fn deliver<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reply> {
        Box::pin(self.post(attempt, clients))
    }
}

impl fmt::Debug for Webhook {
    /// Leaves the address out: it may carry a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn default_timeout() -> Duration {
    TIMEOUT
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let timeout = duration::deserialize(deserializer)?;
    if timeout > LONGEST_TIMEOUT {
        return Err(D::Error::custom(format!(
            "expected a timeout of at most 60 s, found {}",
            humantime::format_duration(timeout)
        )));
    }
    Ok(timeout)
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let expected = "expected an address such as \"http://127.0.0.1:9000/hook\"";
    let url = Url::parse(&text).map_err(|error| D::Error::custom(format!("{error}; {expected}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(D::Error::custom(format!("`{}` is neither http nor https; {expected}", url.scheme())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use squall_topology::config::Config;

    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_with_an_example() {
        for wrong in ["nowhere", "ftp://example.org/", ""] {
            let error = serde_json::from_value::<Webhook>(serde_json::json!({"url": wrong})).unwrap_err();
            assert!(error.to_string().contains("http://127.0.0.1:9000/hook"), "{error}");
        }
    }

    #[test]
    fn a_timeout_over_a_minute_is_refused_at_its_value() {
        let read = |timeout: &str| {
            let text =
                format!("[destinations.hook]\ntype = 'webhook'\nurl = 'http://h/'\ntimeout = '{timeout}'");
            Config::parse("squall.toml", &text).unwrap().parts::<Box<dyn Destination>>("destinations")
        };

        assert_eq!(read("60s").unwrap().len(), 1);
        let error = read("61s").unwrap_err();
        assert_eq!(error.errors[0].place(), "squall.toml:4:11");
        assert_eq!(error.errors[0].message(), "expected a timeout of at most 60 s, found 1m 1s");
    }

    #[test]
    fn an_address_is_never_printed() {
        assert!(!format!("{:?}", Webhook::new("http://host/secret")).contains("secret"));
    }
}
