//! Where messages go.
//!
//! A destination is chosen by its `type` in the configuration; each kind is a file of its own below this one.
//! The API takes names of destinations only, never an address.

mod answer;
mod inbox;
mod webhook;

pub(crate) use inbox::PATH as INBOX_PATH;
pub use webhook::Webhook;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use squall_connect::http::Client;
use squall_topology::schema::Kind;

use crate::message::Message;

/// The name of the destination that is always there.
pub const INBOX: &str = "inbox";

/// The kinds of destinations, for editors.
pub(crate) const KINDS: &[Kind] = &[Kind::of::<Webhook>("webhook")];

/// A place that messages can be sent to.
#[typetag::deserialize]
pub trait Destination: fmt::Debug + Send + Sync {
    /// Makes one attempt to deliver a message, and says how it ended.
    ///
    /// An attempt may be repeated after an unknown outcome; every one carries the id of the message, by which the
    /// receiver can tell a copy.
    fn deliver<'a>(&'a self, message: &'a Message, client: &'a Client) -> BoxFuture<'a, Outcome>;
}

/// How an attempt to deliver ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination said that it has the message.
    Delivered,
    /// It did not, but may later.
    Retryable {
        /// Why.
        error: String,
        /// How long it asked to be left alone.
        after: Option<Duration>,
    },
    /// It never will take this message.
    Refused {
        /// Why.
        error: String,
    },
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
    /// One of the configuration is called `inbox`: it is returned.
    pub fn new(
        mut configured: BTreeMap<String, Box<dyn Destination>>,
        base_url: &str,
    ) -> Result<Self, Box<dyn Destination>> {
        match configured.insert(INBOX.to_owned(), Box::new(inbox::at(base_url))) {
            Some(taken) => Err(taken),
            None => Ok(Self { by_name: Arc::new(configured) }),
        }
    }

    /// Looks a destination up.
    pub fn get(&self, name: &str) -> Option<&dyn Destination> {
        self.by_name.get(name).map(AsRef::as_ref)
    }

    /// Their names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

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
