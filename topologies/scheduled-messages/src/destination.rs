//! Where messages go.
//!
//! A destination is chosen by its `type` in the configuration; each kind is a file of its own below this one.
//! The API takes names of destinations only, never an address.

mod address;
mod answer;
mod attempt;
mod bluesky;
mod clients;
mod discard;
mod hints;
mod inbox;
mod limits;
mod mastodon;
mod outcome;
mod tid;
mod timeout;
mod webhook;
mod words;

pub use attempt::Attempt;
pub use bluesky::Bluesky;
pub use clients::Clients;
pub use discard::Discard;
pub use hints::RateHints;
pub(crate) use inbox::PATH as INBOX_PATH;
pub use limits::{Limits, Quota};
pub use mastodon::Mastodon;
pub use outcome::{Outcome, Reconciled, Reply, Scope};
pub use tid::tid;
pub use webhook::Webhook;

use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use squall_topology::Secret;
use squall_topology::schema::Kind;

/// The name of the destination that is always there.
pub const INBOX: &str = "inbox";

/// The kinds of destinations, for editors.
pub(crate) const KINDS: &[Kind] = &[
    Kind::of::<Bluesky>("bluesky"),
    Kind::of::<Discard>("discard"),
    Kind::of::<Mastodon>("mastodon"),
    Kind::of::<Webhook>("webhook"),
];

/// A place that messages can be sent to.
///
/// | `type` | goes to | [`Capability`] | what is told before a message is accepted |
/// |---|---|---|---|
/// | `webhook` | a POST to an address, signed if wanted: [`Webhook`] | `Keyed`; `AtMostOnce` with `keyed = false` | |
/// | `bluesky` | a server of the AT Protocol: [`Bluesky`] | `Exact` | unknown accounts, over 300 graphemes or 3000 bytes |
/// | `mastodon` | a Mastodon server: [`Mastodon`] | `KeyedWindow` of an hour | unknown accounts, over `limit` characters |
/// | `discard` | nowhere: [`Discard`] | `Exact` | |
///
/// Besides them there is `inbox`, a webhook of the process itself.
///
/// # What is certain
///
/// An attempt ends in one of four ways ([`Outcome`]), and only the fourth leaves a doubt: accepted, refused, busy, and
/// unknown. Each kind tells them apart by what its network says, never by the class of a status alone. What may be
/// done in doubt is what its capability allows; the flow obeys that, not the kind.
///
/// # Where requests may go
///
/// Addresses come from the operator's configuration. One that is written out in figures, and `localhost`, is meant as it
/// stands, private or not. A **name** may lead to the public internet only, checked between its resolution and the
/// connection: whoever owns the name cannot point it at this machine, at the metadata service of a cloud or at a neighbour
/// behind the firewall. A destination that is meant to be there says `private = true`. Redirects are refused, wherever they
/// lead, and so are the proxies of the environment.
///
/// Every request ends: after `timeout` (10 s, at most 60), with 64 KiB of its answer read.
///
/// Credentials are read from the environment or from files (`{ env = "NAME" }`, `{ file = "path" }`), and appear in no
/// error, no log and no answer; the addresses of the configuration neither, for they may carry a token.
#[typetag::deserialize]
pub trait Destination: fmt::Debug + Send + Sync {
    /// What may be done when nobody knows whether an attempt was taken.
    fn capability(&self) -> Capability;

    /// What it is known to bear.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Looks at a message before it is accepted.
    ///
    /// # Errors
    ///
    /// Everything that would make the destination refuse it, as far as that can be told from here.
    fn check(&self, account: &str, text: &str) -> Result<(), Vec<Objection>> {
        let _ = (account, text);
        Ok(())
    }

    /// Makes one attempt to deliver a message, and says how it ended.
    ///
    /// It ends within a bounded time, whatever the other side does.
    fn deliver<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reply>;

    /// Looks whether an attempt that may have been taken was.
    fn reconcile<'a>(&'a self, attempt: Attempt<'a>, clients: &'a Clients) -> BoxFuture<'a, Reconciled> {
        let _ = (attempt, clients);
        let error = "this destination cannot be asked whether it has a message".to_owned();
        Box::pin(ready(Reconciled::Unable { error }))
    }
}

/// What may be done with a message when nobody knows whether an attempt was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// It may be sent again at any time: the destination itself makes no copy.
    Exact,
    /// It may be sent again with the same key: the receiver knows a copy by it, and says how long it remembers.
    Keyed,
    /// It may be sent again with the same key until this long after the first attempt began; then only if a look
    /// at the destination ([`Destination::reconcile`]) told that it is not there.
    KeyedWindow(Duration),
    /// It may not be sent again: a person decides.
    AtMostOnce,
}

/// What a destination has against a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The field, as a JSON pointer: `/account` or `/text`.
    pub pointer: &'static str,
    /// What is wrong with it, and what was expected.
    pub detail: String,
}

/// The destinations by their names.
#[derive(Clone, Debug, Default)]
pub struct Destinations {
    by_name: Arc<BTreeMap<String, Box<dyn Destination>>>,
}

impl Destinations {
    /// The destinations of the configuration, and the inbox of the server at `base_url` (`http://127.0.0.1:8090`).
    ///
    /// # Errors
    ///
    /// One of the configuration is called `inbox`, or `base_url` is not an address.
    pub fn new(configured: BTreeMap<String, Box<dyn Destination>>, base_url: &str) -> Result<Self, String> {
        Self::with_inbox(configured, inbox::at(base_url, None)?)
    }

    /// The same, where the server lets in only who shows this token.
    ///
    /// # Errors
    ///
    /// One of the configuration is called `inbox`, or `base_url` is not an address.
    pub fn authorized(
        configured: BTreeMap<String, Box<dyn Destination>>,
        base_url: &str,
        token: &Secret,
    ) -> Result<Self, String> {
        Self::with_inbox(configured, inbox::at(base_url, Some(token))?)
    }

    fn with_inbox(
        mut configured: BTreeMap<String, Box<dyn Destination>>,
        inbox: Webhook,
    ) -> Result<Self, String> {
        match configured.insert(INBOX.to_owned(), Box::new(inbox)) {
            Some(_) => Err(format!("the destination `{INBOX}` is built in and cannot be configured")),
            None => Ok(Self { by_name: Arc::new(configured) }),
        }
    }

    /// Looks a destination up.
    pub fn get(&self, name: &str) -> Option<&dyn Destination> {
        self.by_name.get(name).map(AsRef::as_ref)
    }

    /// What each of them is known to bear.
    pub fn limits(&self) -> impl Iterator<Item = (&str, Limits)> {
        self.by_name.iter().map(|(name, destination)| (name.as_str(), destination.limits()))
    }

    /// Their names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod script;

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;

    #[test]
    fn editors_are_told_of_every_kind() {
        let mut config = Config::parse("squall.toml", "[destinations.x]\ntype = 'none of them'").unwrap();

        let error = config.parts::<Box<dyn Destination>>("destinations").unwrap_err();

        let told = error.errors.first().map(|fault| fault.expected().matches('`').count() / 2);
        assert_eq!(told, Some(KINDS.len()), "{error}");
        assert!(KINDS.iter().all(|kind| error.to_string().contains(kind.name())), "{error}");
    }
}
