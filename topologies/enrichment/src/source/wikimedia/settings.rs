//! [`WikimediaSettings`]: which feed is read.

use std::time::Duration;

use serde::Deserialize;
use squall_connect::sse::EventOptions;
use squall_topology::schema::JsonSchema;
use squall_topology::settings::{RetryPolicy, Size, duration, size};
use url::Url;

use crate::source::feed_name::feed_name;

/// What it is called.
const KIND: &str = "wikimedia";

/// A change with everything around it.
const LEAST: u64 = 4096;

/// Which feed is read.
///
/// ```toml
/// url = "https://stream.wikimedia.org/v2/stream/recentchange"
/// max_message = "1MiB"       # a longer event is skipped, and counted
/// silence = "1m"             # nothing for so long: it is connected anew
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WikimediaSettings {
    /// Its address.
    pub url: String,
    /// Bytes that an event may have.
    #[serde(default = "max_message", deserialize_with = "size::at_least::<_, LEAST>")]
    pub max_message: Size,
    /// After which silence it is connected anew.
    #[serde(default = "silence", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub silence: Duration,
    /// The pauses before another connection; it never gives up.
    #[serde(skip)]
    pub pauses: Option<RetryPolicy>,
}

fn max_message() -> Size {
    Size(1024 * 1024)
}

fn silence() -> Duration {
    Duration::from_secs(60)
}

impl WikimediaSettings {
    /// With the default for all that may be left out.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_message: max_message(), silence: silence(), pauses: None }
    }

    /// What the feed is called where its cursor is kept.
    pub(in crate::source) fn name(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| KIND.to_owned(), |address| feed_name(KIND, &address, &[]))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match Url::parse(&self.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
            _ => Err("the `url` of a feed is `https://HOST/…`; write it like that".to_owned()),
        }
    }

    pub(super) fn events(&self) -> EventOptions {
        let options = EventOptions::default();
        EventOptions {
            silence: self.silence,
            limit: usize::try_from(self.max_message.bytes()).unwrap_or(usize::MAX),
            pauses: self.pauses.unwrap_or(options.pauses),
            ..options
        }
    }
}
