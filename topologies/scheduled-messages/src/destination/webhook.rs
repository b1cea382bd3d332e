//! The destination `webhook`: a POST to an address of the operator's.

mod signature;
mod verdict;

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, header};
use serde::{Deserialize, Serialize};
use squall_connect::http::Client;
use squall_topology::Secret;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::duration;

use self::signature::Key;
use super::address::Address;
use super::{Attempt, Capability, Clients, Destination, Outcome, Reply, timeout};

/// Posts messages as JSON to an address that the operator configured.
///
/// The body is `{"id", "account", "text", "due_at"}`, the same for every attempt, and the header `Idempotency-Key` is the
/// id: a receiver that remembers it takes no message twice. With `secrets` each attempt is signed as Standard Webhooks
/// 1.0 has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), with all of them: the receiver can change from
/// one to the next.
///
/// | answer | means |
/// |---|---|
/// | 2xx | it has the message, from the status line on |
/// | 408, 425, 429, no connection | busy: it has not, and is asked again; `Retry-After` and `RateLimit-Reset` are heeded up to an hour |
/// | 5xx, a timeout, a broken connection | nobody knows: sent again with the same key, unless `keyed = false` |
/// | 409 after an attempt of which nobody knows | the same: the receiver may still be at work on that one |
/// | all else, redirects too | final |
///
/// ```toml
/// [destinations.hook]
/// type = "webhook"
/// url = "https://example.org/hook"
/// secrets = [{ env = "HOOK_SECRET" }]   # whsec_…
/// timeout = "10s"                       # at most 60 s
/// keyed = true                          # false for a receiver that ignores Idempotency-Key
/// private = false                       # true for a name that leads to a private network
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Posts messages as JSON to an address.")]
pub struct Webhook {
    /// Where they are posted to: an address with `http` or `https`.
    url: Address,
    /// How long a delivery may take, at most 60 seconds; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default = "timeout::default", deserialize_with = "timeout::deserialize")]
    timeout: Duration,
    /// Signs what is posted as Standard Webhooks has it, with each of these (`whsec_…`).
    #[schemars(with = "Vec<Secret>")]
    #[serde(default)]
    secrets: Vec<Key>,
    /// Whether the receiver knows a copy by its `Idempotency-Key` (or `webhook-id`). If not, a message of which nobody
    /// knows whether it arrived is never sent again by itself. True.
    #[serde(default = "yes")]
    keyed: bool,
    /// Whether the name in the address may lead to a private network or to this machine. False.
    #[serde(default)]
    private: bool,
    /// Shown to the receiver; the built-in inbox alone has one.
    #[serde(skip)]
    bearer: Option<Secret>,
}

#[derive(Serialize)]
struct Body<'a> {
    id: String,
    account: &'a str,
    text: &'a str,
    due_at: Timestamp,
}

impl Webhook {
    /// A webhook at `url`, with a timeout of 10 s and without a signature.
    ///
    /// # Errors
    ///
    /// The address is none, or has neither `http` nor `https`.
    pub fn new(url: &str) -> Result<Self, String> {
        Ok(Self {
            url: Address::parse(url)?,
            timeout: timeout::default(),
            secrets: Vec::new(),
            keyed: true,
            private: false,
            bearer: None,
        })
    }

    /// Shows this token to the receiver, as `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(mut self, token: Secret) -> Self {
        self.bearer = Some(token);
        self
    }

    /// Changes how long a delivery may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Says whether the receiver knows a copy by its key.
    #[must_use]
    pub fn keyed(mut self, is_keyed: bool) -> Self {
        self.keyed = is_keyed;
        self
    }

    async fn post(&self, attempt: Attempt<'_>, clients: &Clients) -> Reply {
        let client = clients.to(self.url.addresses(self.private));
        match self.request(attempt, client) {
            Ok(request) => match client.send(request).await {
                Ok(answer) => verdict::judge(&answer, attempt, self.keyed, Timestamp::now()),
                Err(error) => super::answer::missing(&error).into(),
            },
            Err(error) => Outcome::Refused { error: error.to_string() }.into(),
        }
    }

    fn request(&self, attempt: Attempt<'_>, client: &Client) -> Result<RequestBuilder, serde_json::Error> {
        let Attempt { id, account, text, due_at, key, .. } = attempt;
        let body = serde_json::to_vec(&Body { id: id.to_string(), account, text, due_at })?;
        let mut request = client
            .request(Method::POST, self.url.as_str())
            .timeout(self.timeout)
            .header("Idempotency-Key", key)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token.expose());
        }
        if !self.secrets.is_empty() {
            let timestamp = Timestamp::now().as_second();
            request = request
                .header("webhook-id", key)
                .header("webhook-timestamp", timestamp)
                .header("webhook-signature", signature::sign(&self.secrets, key, timestamp, &body));
        }
        Ok(request.body(body))
    }
}

#[typetag::deserialize(name = "webhook")]
impl Destination for Webhook {
    fn capability(&self) -> Capability {
        if self.keyed { Capability::Keyed } else { Capability::AtMostOnce }
    }

    fn deliver<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reply> {
        Box::pin(self.post(attempt, clients))
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use squall_topology::config::{Config, ConfigError};

    use super::*;

    fn read(rest: &str) -> Result<Box<dyn Destination>, ConfigError> {
        let text = format!("[destinations.hook]\ntype = 'webhook'\n{rest}");
        let mut config = Config::parse("squall.toml", &text)?;
        Ok(config.parts::<Box<dyn Destination>>("destinations")?.remove("hook").unwrap())
    }

    #[test]
    fn an_address_that_is_none_is_refused_at_its_value() {
        let error = read("url = 'ftp://example.org/'").unwrap_err();

        assert_eq!(error.errors[0].place(), "squall.toml:3:7");
        assert!(error.errors[0].message().contains("neither http nor https"), "{error}");
    }

    #[test]
    fn a_timeout_over_a_minute_is_refused_at_its_value() {
        assert!(read("url = 'http://h/'\ntimeout = '60s'").is_ok());

        let error = read("url = 'http://h/'\ntimeout = '61s'").unwrap_err();
        assert_eq!(error.errors[0].place(), "squall.toml:4:11");
        assert_eq!(error.errors[0].message(), "expected a timeout of at most 60 s, found 1m 1s");
    }

    #[test]
    fn a_receiver_that_ignores_keys_gets_no_second_copy() {
        assert_eq!(read("url = 'http://h/'").unwrap().capability(), Capability::Keyed);
        assert_eq!(read("url = 'http://h/'\nkeyed = false").unwrap().capability(), Capability::AtMostOnce);
    }

    #[test]
    fn neither_address_nor_secret_is_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n").unwrap();

        let hook =
            read(&format!("url = 'http://h/token'\nsecrets = [{{ file = '{}' }}]", file.path().display()));

        let printed = format!("{:?}", hook.unwrap());
        assert!(
            !printed.contains("token") && !printed.contains("c2Vj") && !printed.contains("secretsecret"),
            "{printed}"
        );
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_showing_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for wrong in ["hunter2", "whsec_hunter2!", "whsec_aHVudGVyMg=="] {
            std::fs::write(file.path(), wrong).unwrap();
            let error =
                read(&format!("url = 'http://h/'\nsecrets = [{{ file = '{}' }}]", file.path().display()));

            let error = error.unwrap_err().to_string();
            assert!(error.contains("whsec_") && !error.contains("hunter2"), "{error}");
        }
    }
}
