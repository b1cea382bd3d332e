//! Where a link leads.

use std::fmt::Write as _;
use std::time::Duration;

use url::Url;

use super::unreachable::Unreachable;
use crate::{CacheTerms, Fresh, Json, Outcome};

/// What says nothing about the link, only about this moment, counts for so long: who waits for the same gets it.
const MOMENT: Duration = Duration::from_secs(1);

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unwound {
    /// The link as the activity has it.
    pub(super) url: String,
    /// The last address on its way, as far as there was one.
    pub(super) last: Option<Url>,
    /// Redirects on its way.
    pub(super) hops: usize,
    /// The status at the end, or why there is none.
    pub(super) end: Result<u16, Unreachable>,
}

impl Unwound {
    /// The answer, for as long as it counts.
    pub(super) fn fresh(&self, terms: &CacheTerms) -> Fresh {
        let ttl = match self.end {
            Err(Unreachable::Busy | Unreachable::HostDown) => MOMENT.min(terms.missing_ttl),
            // The server is ill, or wants to be left alone.
            Ok(429 | 500..) | Err(_) => terms.missing_ttl,
            Ok(_) => terms.ttl,
        };
        Fresh { outcome: Outcome::Found(self.json()), ttl }
    }

    /// A link that is too long to be asked.
    pub(super) fn too_long(url: &str) -> Self {
        Self { url: url.to_owned(), last: None, hops: 0, end: Err(Unreachable::TooLong) }
    }

    /// An array with this one.
    pub(super) fn json(&self) -> Json {
        let mut out = String::with_capacity(64 + 2 * self.url.len());
        out.push_str("[{\"url\":");
        Json::push_string(&mut out, &self.url);
        if let Some(last) = &self.last {
            out.push_str(",\"final\":");
            Json::push_string(&mut out, last.as_str());
        }
        // Writing to a string cannot fail.
        match self.end {
            Ok(status) => write!(out, ",\"status\":{status},\"hops\":{}}}]", self.hops),
            Err(why) => write!(out, ",\"hops\":{},\"unreachable\":\"{}\"}}]", self.hops, why.name()),
        }
        .unwrap_or_default();
        Json::raw(out)
    }
}
