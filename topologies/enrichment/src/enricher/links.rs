//! The enricher `links`.

mod gate;
mod hosts;
mod network;
mod ports;
mod unreachable;
mod unwind;
mod unwound;

pub use network::Network;
pub use ports::Ports;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Deserialize;
use squall::Result;
use squall_connect::http::{ClientOptions, Guard};
use squall_topology::settings::{RetryPolicy, Size, duration, number};

use self::gate::Gate;
use self::hosts::Hosts;
use self::unwind::{LONGEST, Limits, Unwinding};
use self::unwound::Unwound;
use super::{
    Answering, Asked, Cache, CacheCounts, CacheSettings, CacheTerms, Calls, Declared, Enricher, Json,
    Outcome, Web,
};
use crate::{Activity, Text};

/// How long asking may take beyond the time of the links themselves: the wait for others who ask for the same.
const MARGIN: Duration = Duration::from_secs(10);

/// Follows the links of an activity to where they lead.
///
/// A link is asked with HEAD, and with GET where HEAD is refused; redirects are followed one by one, ten at most. No body is
/// ever read. That a link leads nowhere is an answer, and is remembered for a shorter time:
///
/// | the link | its element in the member of the event |
/// |---|---|
/// | leads somewhere | `{"url":"https://sho.rt/x","final":"https://example.com/page","status":200,"hops":1}` |
/// | does not | `{"url":"https://sho.rt/y","final":"https://sho.rt/y","hops":0,"unreachable":"timeout"}` |
///
/// `final` is the last address that was asked, or that would have been; `hops` counts redirects. `unreachable` is one of
/// `not_a_url`, `too_long`, `scheme`, `port`, `private_address`, `no_such_name`, `no_connection`, `timeout`,
/// `broken`, `loop`, `too_many_hops`, `bad_redirect`, `host_down`, `busy`; the last two say that nobody asked.
///
/// # Where it goes
///
/// Strangers write the links and own the names in them, and what they would like to reach is what they cannot: this
/// machine, its neighbours, the metadata service of the cloud. Every hop is held to the same rules, and between a name and
/// its connection the addresses are looked at, so that a name that answers differently each time gains nothing:
///
/// - addresses of the public internet only, whether an address is written out (in any form) or a name leads there; IPv6
///   addresses that carry one of IPv4 (mapped, 6to4, NAT64, ISATAP) are judged by both. `allow` makes exceptions (a
///   shortener of one's own), of which every link can make use; `deny` forbids more (public addresses of one's own), and
///   wins;
/// - `http` and `https`; ports 80 and 443, or any with `ports = "any"`;
/// - names and passwords in an address are left out;
/// - `time` for a link with all its hops, `hop_time` for each, `per_host` links of one host at once, and
///   `calls.concurrency` of all. A host that was silent or unreachable three times in a row is left alone for a while, and a
///   link that gets no turn within `time` is `busy`: nobody can hold up a pipeline with links of their own.
///
/// ```toml
/// [enrichment.enricher.links]
/// type = "links"
/// hops = 10
/// time = "8s"
/// hop_time = "4s"
/// per_host = 4
/// ports = "web"                    # or "any"
/// allow = ["10.1.2.3/32"]          # although it is private
/// deny = ["198.51.100.0/24"]       # although it is public
/// cache = { size = "64MiB", ttl = "24h", missing_ttl = "5m" }
/// calls = { concurrency = 256 }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(description = "Follows links to where they lead.")]
pub struct Links {
    /// Redirects that are followed, from 1 to 30; 10.
    #[schemars(range(min = 1, max = 30))]
    #[serde(deserialize_with = "number::between::<_, 1, 30>")]
    hops: usize,
    /// How long a link may take with all its hops, without the wait for its turn; 8 seconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    time: Duration,
    /// How long each hop may take; 4 seconds.
    #[schemars(with = "duration::Text")]
    #[serde(with = "duration")]
    hop_time: Duration,
    /// Links of one host that are asked at once, from 1 to 1,000; 4.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(deserialize_with = "number::between::<_, 1, 1000>")]
    per_host: usize,
    /// Which ports are gone to; those of the web.
    ports: Ports,
    /// Addresses that are gone to although they are not public.
    allow: Vec<Network>,
    /// Addresses that are not gone to although they are public, or allowed.
    deny: Vec<Network>,
    /// What is remembered: 64 MiB, what leads somewhere for a day, what does not for 5 minutes.
    cache: CacheSettings,
    /// How it is asked.
    calls: Calls,
    #[serde(skip)]
    #[schemars(skip)]
    open: OnceLock<Open>,
    /// In place of the system's, for tests.
    #[serde(skip)]
    #[schemars(skip)]
    names: Option<Arc<dyn Guard>>,
}

/// What all tasks share.
#[derive(Debug)]
struct Open {
    cache: Cache,
    terms: CacheTerms,
    hosts: Hosts,
    gate: Arc<Gate>,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            hops: 10,
            time: Duration::from_secs(8),
            hop_time: Duration::from_secs(4),
            per_host: 4,
            ports: Ports::Web,
            allow: Vec::new(),
            deny: Vec::new(),
            cache: CacheSettings::default(),
            calls: Calls::default(),
            open: OnceLock::new(),
            names: None,
        }
    }
}

impl Links {
    fn terms(&self) -> CacheTerms {
        self.cache.over(CacheTerms {
            size: Size(64 * 1024 * 1024),
            ttl: Duration::from_secs(24 * 60 * 60),
            missing_ttl: Duration::from_secs(5 * 60),
        })
    }

    fn opened(&self) -> &Open {
        self.open.get_or_init(|| {
            let terms = self.terms();
            Open {
                cache: Cache::new(terms),
                terms,
                hosts: Hosts::new(self.declared().concurrency, self.per_host, terms.missing_ttl),
                gate: Arc::new(Gate::new(self.allow.clone(), self.deny.clone(), self.names.clone())),
            }
        })
    }

    /// The answers of all links that are remembered; `None` if one is not.
    fn remembered(&self, links: &[Text]) -> Option<Json> {
        let cache = &self.opened().cache;
        let known = |link: &Text| match cache.get(link)? {
            Outcome::Found(json) => Some(json),
            Outcome::Missing(_) => None,
        };
        // Most activities have one link, and its answer is given out as it lies there.
        if let [only] = links {
            return known(only);
        }
        links.iter().map(known).collect::<Option<Vec<_>>>().map(|all| Json::joined(&all))
    }

    async fn unwind_all(&self, links: &[Text], web: &Web) -> Result<Outcome> {
        let all = try_join_all(links.iter().map(|link| Box::pin(self.unwind(link, web)))).await?;
        Ok(Outcome::Found(Json::joined(&all)))
    }

    async fn unwind(&self, link: &str, web: &Web) -> Result<Json> {
        let open = self.opened();
        if link.len() > LONGEST {
            // Nothing to remember, least of all the link.
            return Ok(Unwound::too_long(link).json());
        }
        let options = ClientOptions {
            timeout: self.hop_time,
            connect_timeout: self.hop_time,
            answer_limit: 0,
            ..ClientOptions::default()
        };
        let client = web.guarded(options, &open.gate)?;
        let limits = Limits { hops: self.hops, time: self.time, ports: self.ports };
        let asked = async {
            let unwound = Unwinding { client, hosts: &open.hosts, limits }.unwind(link).await;
            Ok::<_, squall::Error>(unwound.fresh(&open.terms))
        };
        let outcome = open.cache.get_or_ask(link, asked).await?;
        Ok(outcome.found().cloned().unwrap_or_else(|| Json::raw("[]")))
    }
}

#[typetag::deserialize(name = "links")]
impl Enricher for Links {
    fn declared(&self) -> Declared {
        self.calls.over(Declared {
            cost: Duration::from_micros(20),
            concurrency: 256,
            // Twice the time: once for its turn at a host, once for itself.
            timeout: self.time * 2 + MARGIN,
            retry: RetryPolicy {
                attempts: 3,
                backoff: Duration::from_millis(500),
                max_backoff: Duration::from_secs(10),
            },
            cache: Some(self.terms()),
            ..Declared::default()
        })
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        (!activity.links().is_empty()).then(|| Asked::Links(activity.shared_links()))
    }

    fn answer<'a>(&'a self, asked: &'a Asked, web: &'a Web) -> Answering<'a> {
        let Asked::Links(links) = asked else { return Answering::refused(asked) };
        match self.remembered(links) {
            Some(json) => Answering::now(Ok(Outcome::Found(json))),
            None => Answering::later(self.unwind_all(links, web)),
        }
    }

    fn cache(&self) -> Option<CacheCounts> {
        Some(self.opened().cache.counts())
    }
}

#[cfg(test)]
mod farm;
#[cfg(test)]
mod tests;
