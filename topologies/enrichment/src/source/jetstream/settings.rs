//! [`JetstreamSettings`]: which Jetstream is read, and what of it.

use std::time::Duration;

use serde::Deserialize;
use squall_connect::websocket::FrameOptions;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::{RetryPolicy, Size, duration, size};
use url::Url;

use crate::source::feed_name::feed_name;

/// What it is called.
const KIND: &str = "jetstream";

/// The parameters that say what is wanted.
const COLLECTIONS: &str = "wantedCollections";
const DIDS: &str = "wantedDids";

/// A post with everything around it.
const LEAST: u64 = 4096;

/// Which Jetstream is read, and what of it.
///
/// ```toml
/// url = "wss://jetstream2.us-east.bsky.network/subscribe"
/// collections = ["app.bsky.feed.post", "app.bsky.graph.*"]   # all, if none is named
/// dids = []                  # everybody's, if nobody is named
/// overlap = "5s"             # by how much neighbours may be in the wrong order
/// look_back = "1h"           # where a first start begins: so long ago; now, if nothing is said
/// max_message = "1MiB"       # a longer event the server leaves out
/// silence = "1m"             # a server that says nothing for so long, not even to a ping, is gone
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JetstreamSettings {
    /// The address of its `subscribe`.
    pub url: String,
    /// The collections whose commits are wanted, with `*` at the end for those that begin so. Identities and accounts
    /// always come.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Whose events are wanted.
    #[serde(default)]
    pub dids: Vec<String>,
    /// By how much the times of neighbours may be in the wrong order.
    #[serde(default = "overlap", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub overlap: Duration,
    /// How long ago the first event was that a first start wants.
    #[serde(default, with = "duration")]
    #[schemars(with = "duration::Text")]
    pub look_back: Duration,
    /// Bytes that an event may have.
    #[serde(default = "max_message", deserialize_with = "size::at_least::<_, LEAST>")]
    pub max_message: Size,
    /// After which silence the server counts as gone.
    #[serde(default = "silence", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub silence: Duration,
    /// The pauses before another connection; it never gives up.
    #[serde(skip)]
    pub pauses: Option<RetryPolicy>,
}

fn overlap() -> Duration {
    Duration::from_secs(5)
}

fn max_message() -> Size {
    Size(1024 * 1024)
}

fn silence() -> Duration {
    Duration::from_secs(60)
}

impl JetstreamSettings {
    /// With the default for all that may be left out.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            collections: Vec::new(),
            dids: Vec::new(),
            overlap: overlap(),
            look_back: Duration::ZERO,
            max_message: max_message(),
            silence: silence(),
            pauses: None,
        }
    }

    pub(super) fn frames(&self) -> FrameOptions {
        let options = FrameOptions::default();
        FrameOptions {
            silence: self.silence,
            limit: usize::try_from(self.max_message.bytes()).unwrap_or(usize::MAX),
            pauses: self.pauses.unwrap_or(options.pauses),
            ..options
        }
    }

    /// What the feed is called where its cursor is kept.
    pub(in crate::source) fn name(&self) -> String {
        let Ok(address) = self.address() else { return KIND.to_owned() };
        let wanted = |(of, _): &(String, String)| matches!(of.as_str(), COLLECTIONS | DIDS);
        let wanted: Vec<_> = address.query_pairs().into_owned().filter(wanted).collect();
        feed_name(KIND, &address, &wanted)
    }

    /// The address with everything but the cursor.
    pub(super) fn address(&self) -> Result<Url, String> {
        let mut address = match Url::parse(&self.url) {
            Ok(address) if matches!(address.scheme(), "ws" | "wss") && address.has_host() => address,
            _ => {
                return Err(
                    "the `url` of a Jetstream is `wss://HOST/subscribe`; write it like that".to_owned()
                );
            }
        };
        let mut query = address.query_pairs_mut();
        for collection in &self.collections {
            query.append_pair(COLLECTIONS, collection);
        }
        for did in &self.dids {
            query.append_pair(DIDS, did);
        }
        query.append_pair("maxMessageSizeBytes", &self.max_message.bytes().to_string());
        drop(query);
        Ok(address)
    }
}
