//! The destination `bluesky`: a post in the repository of an account.

mod posting;
mod record;
mod session;
mod xrpc;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::duration;

use self::session::Login;
use self::xrpc::Xrpc;
use super::address::Address;
use super::{
    Attempt, Capability, Clients, Destination, Limits, Objection, Outcome, Quota, Reconciled, Reply, Scope,
    timeout, words,
};

/// The longest post, in characters as people count them.
const GRAPHEMES: usize = 300;

/// The longest post, in bytes.
const BYTES: usize = 3000;

/// A server takes changes for 5000 points an hour, and a post like ours is two.
const QUOTA: Quota = Quota { messages: 2500, window: Duration::from_secs(3600) };

/// Posts messages to Bluesky, or to any other server of the AT Protocol.
///
/// **No copies.** A post lies in the repository of its account under a key that the message has from the start, and
/// is written with the condition that nothing lies there yet. Sent again, the server sees that it is the same; if the key
/// is taken by something that is not, the text there is read and compared. So [`Capability::Exact`]: after an unknown
/// outcome the message is simply sent again, at any time later.
///
/// One limit: a message that arrived, was deleted by a person **on the network**, and of which we never heard that it
/// arrived, is posted again by the next attempt. The network keeps no trace by which that could be told.
///
/// **Sessions.** Each account signs in once for all senders of the process, when its first message is due, and the session is
/// renewed when its token has run out: servers allow few sign-ins (30 in 5 minutes, 300 a day). One that is refused is not
/// tried again for five minutes. Use an app password, not that of the account.
///
/// **What counts is the name of the error**, not the status: an expired token is answered with 400, and renewed; `InvalidSwap`
/// is 400 too, and may well mean that the post is there.
///
/// | answer | means |
/// |---|---|
/// | `InvalidSwap` | something lies under the key: taken if its text is ours, else final |
/// | `ExpiredToken`, `InvalidToken`, `AuthMissing`, `AuthenticationRequired` | the session is renewed, and the post sent again at once |
/// | `RateLimitExceeded` | busy: the account, or everybody if the server counts addresses (a window of 5 minutes) |
/// | any other error of a 4xx, a redirect, a refused sign-in | final |
/// | 5xx, no answer, an answer that is none of the protocol's | nobody knows; sent again |
///
/// A text has at most 300 characters as people count them, and 3000 bytes. Links and hashtags in it become such; a mention
/// stays text.
///
/// ```toml
/// [destinations.sky]
/// type = "bluesky"
/// service = "https://bsky.social"
///
/// [destinations.sky.accounts.me]
/// identifier = "me.bsky.social"
/// password = { env = "SKY_PASSWORD" }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Posts messages to Bluesky, or to another server of the AT Protocol.")]
pub struct Bluesky {
    /// The server that has the accounts.
    service: Address,
    /// Who may post there, by the names that messages use.
    accounts: BTreeMap<String, Login>,
    /// How long each request may take, at most 60 seconds; 10 seconds.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default = "timeout::default", deserialize_with = "timeout::deserialize")]
    timeout: Duration,
    /// Whether the name of the server may lead to a private network or to this machine. False.
    #[serde(default)]
    private: bool,
}

impl Bluesky {
    fn xrpc<'a>(&'a self, clients: &'a Clients) -> Xrpc<'a> {
        Xrpc::new(clients.to(self.service.addresses(self.private)), &self.service, self.timeout)
    }

    async fn post(&self, attempt: Attempt<'_>, clients: &Clients) -> Reply {
        match self.accounts.get(attempt.account) {
            Some(login) => posting::post(&self.xrpc(clients), login, attempt).await,
            // An operator who took it out of the configuration may put it back.
            None => {
                Outcome::Busy { error: unknown(attempt.account), after: None, scope: Scope::Account }.into()
            }
        }
    }

    async fn look(&self, attempt: Attempt<'_>, clients: &Clients) -> Reconciled {
        match self.accounts.get(attempt.account) {
            Some(login) => posting::reconcile(&self.xrpc(clients), login, attempt).await,
            None => Reconciled::Unable { error: unknown(attempt.account) },
        }
    }
}

#[typetag::deserialize(name = "bluesky")]
impl Destination for Bluesky {
    fn capability(&self) -> Capability {
        Capability::Exact
    }

    fn limits(&self) -> Limits {
        Limits { concurrency: None, per_account: Some(QUOTA) }
    }

    fn check(&self, account: &str, text: &str) -> Result<(), Vec<Objection>> {
        let mut objections = Vec::new();
        if !self.accounts.contains_key(account) {
            objections.push(Objection { pointer: "/account", detail: unknown(account) });
        }
        let (graphemes, bytes) = (words::graphemes(text), text.len());
        let mut too_long = |detail| objections.push(Objection { pointer: "/text", detail });
        if graphemes > GRAPHEMES {
            too_long(format!("has {graphemes} graphemes; Bluesky takes at most {GRAPHEMES}"));
        } else if bytes > BYTES {
            too_long(format!("has {bytes} bytes; Bluesky takes at most {BYTES}"));
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

/// Says that an account has no credentials here.
fn unknown(account: &str) -> String {
    let account = super::answer::excerpt(account);
    format!(
        "`{account}` cannot post there; expected one of the accounts that the configuration has for this destination"
    )
}

#[cfg(test)]
mod tests;
