//! The enricher `influence-service`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use squall::{Error, Result};
use squall_connect::http::{Client, ClientOptions, Method};
use squall_topology::Secret;
use squall_topology::settings::{RetryPolicy, Size};
use url::Url;

use super::Score;
use crate::Activity;
use crate::enricher::{
    Answering, Asked, Cache, CacheCounts, CacheSettings, CacheTerms, Calls, Declared, Enricher, Fresh,
    Missing, Outcome, Web,
};

/// The longest answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// Where the author goes.
const KEY: &str = "{key}";

/// Tells how much the author of an activity is listened to, asked of a service on another host.
///
/// It is asked with a GET; `{key}` in the address is the author, percent-encoded. It answers 200 with JSON, `{"score":63.4}`, a
/// number from 0 to 100, or 404 for somebody whom it does not know; 400, 410, 414 and 422, which it may say of a strange name,
/// count as that. Anything else is its failure: it is asked again as `calls.retry` says, and the activity waits. The address is the operator's own and may be anywhere; redirects are not
/// followed.
///
/// ```toml
/// [enrichment.enricher.influence]
/// type = "influence-service"
/// url = "http://scores.internal:8000/v1/people/{key}"
/// token = { env = "SCORES_TOKEN" }                    # sent as `Authorization: Bearer …`
/// cache = { size = "32MiB", ttl = "10m", missing_ttl = "1m" }
/// calls = { concurrency = 64, timeout = "2s" }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "Tells how much the author of an activity is listened to, asked of a service.")]
pub struct InfluenceService {
    /// The address, with `{key}` where the author goes.
    url: Template,
    /// Sent as `Authorization: Bearer …`.
    token: Option<Secret>,
    /// What is remembered: 32 MiB, a score for 10 minutes, that somebody is unknown for 1.
    #[serde(default)]
    cache: CacheSettings,
    /// How it is asked: 64 at once, each for 2 seconds.
    #[serde(default)]
    calls: Calls,
    #[serde(skip)]
    #[schemars(skip)]
    open: OnceLock<Cache>,
}

/// What the service answers.
#[derive(Deserialize)]
struct Scored {
    score: f64,
}

impl InfluenceService {
    fn terms(&self) -> CacheTerms {
        self.cache.over(CacheTerms {
            size: Size(32 * 1024 * 1024),
            ttl: Duration::from_secs(600),
            missing_ttl: Duration::from_secs(60),
        })
    }

    fn opened(&self) -> &Cache {
        self.open.get_or_init(|| Cache::new(self.terms()))
    }

    async fn ask(&self, author: &str, web: &Web) -> Result<Outcome> {
        let timeout = self.declared().timeout;
        let options = ClientOptions { timeout, answer_limit: ANSWER, ..ClientOptions::default() };
        let client = web.client(options)?;
        let asked = Box::pin(async { self.fetch(author, client).await });
        self.opened().get_or_ask(author, asked).await
    }

    async fn fetch(&self, author: &str, client: &Client) -> Result<Fresh> {
        let mut request = client.request(Method::GET, &self.url.with(author));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let answer = client.send(request).await?;
        let terms = self.terms();
        match answer.status.as_u16() {
            200 => {
                let score = serde_json::from_slice::<Scored>(&answer.body).ok();
                let score = score.and_then(|scored| Score::from_value(scored.score)).ok_or_else(|| {
                    Error::retryable("the service answered something else than {\"score\": 0 to 100}")
                })?;
                Ok(Fresh { outcome: Outcome::Found(score.json()), ttl: terms.ttl })
            }
            400 | 404 | 410 | 414 | 422 => {
                Ok(Fresh { outcome: Outcome::Missing(Missing::UNKNOWN_AUTHOR), ttl: terms.missing_ttl })
            }
            status => Err(Error::retryable(format!("the service answered {status}; expected 200 or 404"))),
        }
    }
}

#[typetag::deserialize(name = "influence-service")]
impl Enricher for InfluenceService {
    fn declared(&self) -> Declared {
        self.calls.over(Declared {
            cost: Duration::from_micros(60),
            concurrency: 64,
            timeout: Duration::from_secs(2),
            retry: RetryPolicy {
                attempts: 5,
                backoff: Duration::from_millis(200),
                max_backoff: Duration::from_secs(10),
            },
            cache: Some(self.terms()),
            ..Declared::default()
        })
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_author().map(Asked::Author)
    }

    fn answer<'a>(&'a self, asked: &'a Asked, web: &'a Web) -> Answering<'a> {
        let Asked::Author(author) = asked else { return Answering::refused(asked) };
        match self.opened().get(author) {
            Some(outcome) => Answering::now(Ok(outcome)),
            // What would mean another address is nobody's name.
            None if matches!(&**author, "." | "..") => Answering::missing(Missing::UNKNOWN_AUTHOR),
            None => Answering::later(self.ask(author, web)),
        }
    }

    fn cache(&self) -> Option<CacheCounts> {
        Some(self.opened().counts())
    }
}

/// An address of the configuration with a place for the author. It is never printed: it may carry a token.
struct Template {
    before: String,
    after: String,
}

impl Template {
    /// The address of an author, in whom nothing counts as a part of the address.
    fn with(&self, author: &str) -> String {
        let Self { before, after } = self;
        let mut url = String::with_capacity(before.len() + after.len() + 3 * author.len());
        url.push_str(before);
        for byte in author.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(char::from(byte))
                }
                // Writing to a string cannot fail.
                byte => write!(url, "%{byte:02X}").unwrap_or_default(),
            }
        }
        url.push_str(after);
        url
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "expected an address such as \"http://scores.internal:8000/v1/{key}\"";
        let (before, after) = text
            .split_once(KEY)
            .ok_or_else(|| D::Error::custom(format!("there is no {KEY} for the author in it; {expected}")))?;
        let template = Self { before: before.to_owned(), after: after.to_owned() };
        // The author must not decide which host is asked.
        let hosts =
            ["a", "b"].map(|author| Url::parse(&template.with(author)).ok().filter(|url| url.has_host()));
        match hosts {
            [Some(one), Some(other)]
                if !matches!(one.scheme(), "http" | "https") || one.origin() != other.origin() =>
            {
                Err(D::Error::custom(format!(
                    "{KEY} belongs behind the host of an http or https address; {expected}"
                )))
            }
            [Some(_), Some(_)] => Ok(template),
            _ => Err(D::Error::custom(format!("this is no address; {expected}"))),
        }
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^https?://[^{]+\\{key\\}" })
    }
}
