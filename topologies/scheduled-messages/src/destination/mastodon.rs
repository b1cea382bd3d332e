//! The destination `mastodon`: a status of an account.

mod listing;
mod plain;
mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, header};
use serde::{Deserialize, Serialize};
use squall_connect::http::Client;
use squall_topology::Secret;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::duration;
use tokio::sync::OnceCell;

use super::address::Address;
use super::{
    Attempt, Capability, Clients, Destination, Limits, Objection, Outcome, Quota, Reconciled, Reply, Scope,
    answer, timeout, words,
};

/// How long a server remembers a key, counted from when it had stored the status.
const WINDOW: Duration = Duration::from_secs(3600);

/// How many statuses an account may post.
const QUOTA: Quota = Quota { messages: 300, window: Duration::from_secs(3 * 3600) };

/// What a link counts, however long it is.
const LINK: usize = 23;

/// Posts messages to a Mastodon server, or to another one with its interface.
///
/// **Copies.** Every attempt for a message carries the same `Idempotency-Key`, and a server remembers a key for an hour. So
/// [`Capability::KeyedWindow`]: within the hour a message of which nobody knows whether it arrived is sent again; after
/// it, only if it is not among the statuses that the account posted since the first attempt. A status is taken for the
/// message if it has the same text; one that differs in its punctuation alone is left to a person. For a server that
/// ignores the key set `keyed = false`: then each resend waits for such a look.
///
/// Servers have been seen to answer 500 or 503 for a status that they had posted, so a 5xx is never a no.
///
/// | answer | means |
/// |---|---|
/// | 2xx with a status | it is there |
/// | 429 | busy: the account waits until `X-RateLimit-Reset` |
/// | any other 4xx with an `error`, a redirect | final; a revoked token (401) or a missing right (403) too |
/// | a 4xx without one | busy: something in front of the server said it |
/// | 5xx, 409, no answer, a 2xx without a status | nobody knows |
///
/// A text has at most `limit` characters as people count them, where a link counts 23 and a mention counts without its host.
///
/// The token needs `write:statuses`, and for the look `read:accounts` and `read:statuses`.
///
/// ```toml
/// [destinations.toot]
/// type = "mastodon"
/// service = "https://mastodon.social"
/// visibility = "public"                 # or "unlisted", "private", "direct"
/// limit = 500
///
/// [destinations.toot.accounts.me]
/// token = { env = "MASTODON_TOKEN" }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Posts messages to a Mastodon server.")]
pub struct Mastodon {
    /// The server that has the accounts.
    service: Address,
    /// Who may post there, by the names that messages use.
    accounts: BTreeMap<String, Account>,
    /// Who sees the statuses; everybody.
    #[serde(default)]
    visibility: Visibility,
    /// The longest text that the server takes, in characters; 500.
    #[serde(default = "limit")]
    limit: usize,
    /// Whether the server knows a copy by its `Idempotency-Key`. True.
    #[serde(default = "yes")]
    keyed: bool,
    /// How long each request may take, at most 60 seconds; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default = "timeout::default", deserialize_with = "timeout::deserialize")]
    timeout: Duration,
    /// Whether the name of the server may lead to a private network or to this machine. False.
    #[serde(default)]
    private: bool,
}

/// Who posts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Account {
    /// An access token of the account.
    token: Secret,
    /// The id that the server has for it.
    #[serde(skip)]
    id: OnceCell<String>,
}

/// Who sees a status.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Visibility {
    #[default]
    Public,
    Unlisted,
    Private,
    Direct,
}

#[derive(Serialize)]
struct NewStatus<'a> {
    status: &'a str,
    visibility: Visibility,
}

impl Mastodon {
    async fn post(&self, attempt: Attempt<'_>, clients: &Clients) -> Reply {
        let Some(account) = self.accounts.get(attempt.account) else {
            // An operator who took it out of the configuration may put it back.
            let error = unknown(attempt.account);
            return Outcome::Busy { error, after: None, scope: Scope::Account }.into();
        };
        let status = NewStatus { status: attempt.text, visibility: self.visibility };
        let body = match serde_json::to_vec(&status) {
            Ok(body) => body,
            Err(error) => return Outcome::Refused { error: error.to_string() }.into(),
        };
        let client = self.client(clients);
        let request = self
            .request(client, Method::POST, "api/v1/statuses", account)
            .header("Idempotency-Key", attempt.key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        match client.send(request).await {
            Ok(answer) => verdict::judge(&answer, attempt, Timestamp::now()),
            Err(error) => answer::missing(&error).into(),
        }
    }

    async fn look(&self, attempt: Attempt<'_>, clients: &Clients) -> Reconciled {
        match self.accounts.get(attempt.account) {
            Some(account) => listing::look(self, account, attempt, self.client(clients)).await,
            None => Reconciled::Unable { error: unknown(attempt.account) },
        }
    }

    fn client<'a>(&self, clients: &'a Clients) -> &'a Client {
        clients.to(self.service.addresses(self.private))
    }

    fn request(&self, client: &Client, method: Method, path: &str, account: &Account) -> RequestBuilder {
        client
            .request(method, &self.service.below(path))
            .timeout(self.timeout)
            .bearer_auth(account.token.expose())
    }
}

#[typetag::deserialize(name = "mastodon")]
impl Destination for Mastodon {
    fn capability(&self) -> Capability {
        Capability::KeyedWindow(if self.keyed { WINDOW } else { Duration::ZERO })
    }

    fn limits(&self) -> Limits {
        Limits { concurrency: None, per_account: Some(QUOTA) }
    }

    fn check(&self, account: &str, text: &str) -> Result<(), Vec<Objection>> {
        let mut objections = Vec::new();
        if !self.accounts.contains_key(account) {
            objections.push(Objection { pointer: "/account", detail: unknown(account) });
        }
        let (length, limit) = (length(text), self.limit);
        if length > limit {
            let detail = format!(
                "has {length} characters, where a link counts {LINK}; this server takes at most {limit}"
            );
            objections.push(Objection { pointer: "/text", detail });
        } else if text.trim().is_empty() {
            let detail = "is blank; expected something to read".to_owned();
            objections.push(Objection { pointer: "/text", detail });
        }
        if objections.is_empty() { Ok(()) } else { Err(objections) }
    }

    fn deliver<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reply> {
        Box::pin(self.post(attempt, clients))
    }

    fn reconcile<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reconciled> {
        Box::pin(self.look(attempt, clients))
    }
}

/// The length as the server counts it.
fn length(text: &str) -> usize {
    let (mut length, mut next) = (0, 0);
    let count = |between: Option<&str>| words::graphemes(&plain::without_hosts(between.unwrap_or_default()));
    for link in words::links(text) {
        length += count(text.get(next..link.start)) + LINK;
        next = link.end;
    }
    length + count(text.get(next..))
}

/// Says that an account has no credentials here.
fn unknown(account: &str) -> String {
    let account = answer::excerpt(account);
    format!(
        "`{account}` cannot post there; expected one of the accounts that the configuration has for this destination"
    )
}

fn limit() -> usize {
    500
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
