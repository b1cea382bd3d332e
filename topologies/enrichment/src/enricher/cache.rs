//! What an enricher remembers.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use quick_cache::Weighter;
use schemars::JsonSchema;
use serde::Deserialize;
use squall_topology::settings::{Size, duration, size};
use tokio::time::Instant;

use super::Outcome;

/// What an entry takes besides its key and its value: both have a head, and the table a slot.
const OVERHEAD: u64 = 128;

/// What an entry is expected to take; it only decides how the table is divided.
const TYPICAL: u64 = 512;

/// A part of the table must hold its largest entries.
const LEAST: u64 = 64 * 1024;

/// What an enricher remembers, at most and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheTerms {
    /// Bytes of all entries.
    pub size: Size,
    /// How long something that was found counts.
    pub ttl: Duration,
    /// How long it counts that something was not to be found.
    pub missing_ttl: Duration,
}

/// The table `cache` of an enricher: what the operator knows better than the enricher.
///
/// ```toml
/// cache = { size = "64MiB", ttl = "24h", missing_ttl = "5m" }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// Bytes of all entries: 64 KiB or more.
    #[serde(deserialize_with = "at_least")]
    pub size: Option<Size>,
    /// How long something that was found counts.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    pub ttl: Option<Duration>,
    /// How long it counts that something was not to be found.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(with = "duration::optional")]
    pub missing_ttl: Option<Duration>,
}

impl CacheSettings {
    /// What holds where the operator says this and the enricher that.
    #[must_use]
    pub fn over(&self, terms: CacheTerms) -> CacheTerms {
        CacheTerms {
            size: self.size.unwrap_or(terms.size),
            ttl: self.ttl.unwrap_or(terms.ttl),
            missing_ttl: self.missing_ttl.unwrap_or(terms.missing_ttl),
        }
    }
}

fn at_least<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Size>, D::Error> {
    size::at_least::<_, LEAST>(deserializer).map(Some)
}

/// What a cache did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Answers that were there.
    pub hits: u64,
    /// Answers that were not, or no longer.
    pub misses: u64,
    /// Entries that are there now.
    pub entries: u64,
    /// Bytes that they take, about.
    pub bytes: u64,
}

/// An answer that was just found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The answer.
    pub outcome: Outcome,
    /// How long it counts.
    pub ttl: Duration,
}

/// Remembers answers by their keys, bounded in bytes and in time; all tasks of a process share one.
///
/// Who asks for what somebody else is asking for already waits for that answer. If nobody comes to ask any more (an error,
/// a time limit), the next of those who wait does it. What was not asked for in the longest time goes first, and what was
/// asked for only once before what is asked for again and again.
///
/// ```
/// use squall_enrichment::{Cache, CacheTerms, Fresh, Missing, Outcome};
/// use squall_topology::settings::Size;
/// use std::time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let minute = Duration::from_secs(60);
/// let cache = Cache::new(CacheTerms { size: Size(1 << 20), ttl: minute, missing_ttl: minute });
/// let nobody = Outcome::Missing(Missing::UNKNOWN_AUTHOR);
///
/// let asked = cache.get_or_ask("ada", async { Ok::<_, ()>(Fresh { outcome: nobody.clone(), ttl: minute }) }).await;
/// assert_eq!(asked, Ok(nobody.clone()));
/// assert_eq!(cache.get("ada"), Some(nobody));
/// assert_eq!((cache.counts().hits, cache.counts().misses), (1, 1));
/// # });
/// ```
pub struct Cache {
    entries: quick_cache::sync::Cache<String, Entry, Bytes>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone)]
struct Entry {
    outcome: Outcome,
    until: Instant,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Entry> for Bytes {
    fn weight(&self, key: &String, entry: &Entry) -> u64 {
        let value = entry.outcome.found().map_or(0, |json| json.as_str().len());
        OVERHEAD + key.len() as u64 + value as u64
    }
}

impl Cache {
    /// An empty cache.
    pub fn new(terms: CacheTerms) -> Self {
        let bytes = terms.size.bytes().max(LEAST);
        let entries = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX);
        Self {
            entries: quick_cache::sync::Cache::with_weighter(entries, bytes, Bytes),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The answer, if it is there and still counts. That it is not there is not counted as a miss.
    pub fn get(&self, key: &str) -> Option<Outcome> {
        let entry = self.entries.get(key)?;
        if entry.until <= Instant::now() {
            return None;
        }
        self.hits.fetch_add(1, Relaxed);
        Some(entry.outcome)
    }

    /// The answer, or that of `ask`, which is then remembered.
    ///
    /// # Errors
    ///
    /// Those of `ask`; nothing is remembered then.
    pub async fn get_or_ask<E>(
        &self,
        key: &str,
        ask: impl Future<Output = Result<Fresh, E>>,
    ) -> Result<Outcome, E> {
        if let Some(outcome) = self.get(key) {
            return Ok(outcome);
        }
        self.misses.fetch_add(1, Relaxed);
        self.entries.remove_if(key, |entry| entry.until <= Instant::now());
        match self.entries.get_value_or_guard_async(key).await {
            Ok(entry) => Ok(entry.outcome),
            Err(place) => {
                let Fresh { outcome, ttl } = ask.await?;
                let entry = Entry { outcome: outcome.clone(), until: Instant::now() + ttl };
                // Refused only if the key was removed or set meanwhile: then that stands.
                drop(place.insert(entry));
                Ok(outcome)
            }
        }
    }

    /// What it did so far.
    pub fn counts(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            entries: self.entries.len() as u64,
            bytes: self.entries.weight(),
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.counts()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use futures_util::FutureExt;
    use futures_util::future::{join, join_all};
    use tokio::sync::oneshot;
    use tokio::time::advance;

    use super::*;
    use crate::{Json, Missing};

    const MINUTE: Duration = Duration::from_secs(60);

    fn cache(bytes: u64) -> Cache {
        Cache::new(CacheTerms { size: Size(bytes), ttl: MINUTE, missing_ttl: MINUTE })
    }

    fn found(text: &str) -> Outcome {
        Outcome::Found(Json::raw(text))
    }

    async fn ask(asked: &Cell<u32>, answer: &str) -> Result<Fresh, ()> {
        asked.set(asked.get() + 1);
        Ok(Fresh { outcome: found(answer), ttl: MINUTE })
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_counts_until_its_time_is_over() {
        let (cache, asked) = (cache(1 << 20), Cell::new(0));

        assert_eq!(cache.get_or_ask("a", ask(&asked, "1")).await, Ok(found("1")));
        advance(MINUTE - Duration::from_millis(1)).await;
        assert_eq!(cache.get_or_ask("a", ask(&asked, "2")).await, Ok(found("1")));
        advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get("a"), None);
        assert_eq!(cache.get_or_ask("a", ask(&asked, "3")).await, Ok(found("3")));

        assert_eq!(asked.get(), 2);
        assert_eq!((cache.counts().hits, cache.counts().misses, cache.counts().entries), (1, 2, 1));
    }

    #[tokio::test]
    async fn who_asks_for_what_is_being_asked_for_waits_for_that_answer() {
        let (cache, asked) = (cache(1 << 20), Cell::new(0));
        let (answers, answer) = oneshot::channel::<()>();
        let slow = cache.get_or_ask("a", async {
            answer.await.unwrap();
            ask(&asked, "1").await
        });
        let others = join_all((0..100).map(|_| cache.get_or_ask("a", ask(&asked, "2"))));

        let (first, (others, ())) = join(slow, join(others, async { answers.send(()).unwrap() })).await;

        assert_eq!(first, Ok(found("1")));
        assert!(others.iter().all(|other| *other == Ok(found("1"))));
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test]
    async fn one_that_gave_up_or_failed_makes_room_for_the_next() {
        let (cache, asked) = (cache(1 << 20), Cell::new(0));
        let failed: Result<_, ()> = cache.get_or_ask("a", async { Err(()) }).await;
        assert_eq!(failed, Err(()));

        let mut hangs = Box::pin(cache.get_or_ask("a", pending::<Result<Fresh, ()>>()));
        assert!((&mut hangs).now_or_never().is_none());
        let mut waits = Box::pin(cache.get_or_ask("a", ask(&asked, "1")));
        assert!((&mut waits).now_or_never().is_none());
        drop(hangs);

        assert_eq!(waits.await, Ok(found("1")));
    }

    #[tokio::test]
    async fn what_nobody_knows_is_remembered_too() {
        let cache = cache(1 << 20);
        let nobody = Outcome::Missing(Missing::UNKNOWN_AUTHOR);

        for _ in 0..2 {
            let fresh = Fresh { outcome: nobody.clone(), ttl: MINUTE };
            assert_eq!(cache.get_or_ask("a", async { Ok::<_, ()>(fresh) }).await, Ok(nobody.clone()));
        }

        assert_eq!((cache.counts().hits, cache.counts().misses), (1, 1));
    }

    #[tokio::test]
    async fn it_takes_no_more_bytes_than_it_may() {
        let (cache, asked) = (cache(1 << 20), Cell::new(0));
        let value = format!("\"{}\"", "x".repeat(1000));

        for key in 0..10_000 {
            let answer = cache.get_or_ask(&format!("{key}"), ask(&asked, &value)).await;
            assert_eq!(answer, Ok(found(&value)), "one that is not kept is answered too");
            assert!(cache.counts().bytes <= 1 << 20, "{:?}", cache.counts());
        }

        assert!(cache.counts().entries > 100, "{:?}", cache.counts());
    }
}
