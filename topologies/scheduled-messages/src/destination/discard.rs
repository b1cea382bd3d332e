//! The destination `discard`: nowhere.

use std::future::ready;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use squall_topology::schema::JsonSchema;

use super::{Attempt, Capability, Clients, Destination, Limits, Outcome, Reply};

/// Takes every message at once and forgets it: for measurements, and for trying out a configuration.
///
/// ```toml
/// [destinations.nowhere]
/// type = "discard"
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Takes every message and forgets it.")]
pub struct Discard {}

#[typetag::deserialize(name = "discard")]
impl Destination for Discard {
    /// Nothing arrives anywhere, however often it is sent.
    fn capability(&self) -> Capability {
        Capability::Exact
    }

    /// As many as there are: none of them takes any time.
    fn limits(&self) -> Limits {
        Limits { concurrency: Some(u32::MAX), per_account: None }
    }

    fn deliver<'a>(&'a self, _: Attempt<'a>, _: &'a Clients) -> BoxFuture<'a, Reply> {
        Box::pin(ready(Outcome::Accepted { receipt: None }.into()))
    }
}
