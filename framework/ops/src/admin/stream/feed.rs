//! [`Feed`]: what one reader of the stream is told, one piece after the other.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Known, Topics};
use crate::admin::finding::Findings;
use crate::admin::{Standing, sse};
use crate::finding::Finding;
use crate::seen::Seen;
use crate::site::Site;

/// How long nothing is said before a comment is.
const SILENCE: Duration = Duration::from_secs(15);

/// A reader that takes nothing for this long is told that it has missed something.
const LAG: Duration = Duration::from_secs(3);

/// Events that are told at once.
const BATCH: usize = 100;

/// What all readers are told in a second, written once.
#[derive(Debug, Default)]
pub(crate) struct Ticks(Mutex<Option<(Arc<Seen>, Tick)>>);

/// What is told in a second.
#[derive(Clone, Debug)]
struct Tick {
    stats: Bytes,
    /// Stands for what runs: which components there are, with how many tasks.
    graph: u64,
}

impl Ticks {
    fn of(&self, site: &Site, seen: &Arc<Seen>) -> Tick {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, tick)) = &*last
            && Arc::ptr_eq(before, seen)
        {
            return tick.clone();
        }
        let tick = Tick { stats: sse::event("stats", None, &Standing::seen(site, seen)), graph: graph(seen) };
        *last = Some((Arc::clone(seen), tick.clone()));
        tick
    }
}

fn graph(seen: &Seen) -> u64 {
    let mut hasher = DefaultHasher::new();
    for topology in &seen.topologies {
        topology.name.hash(&mut hasher);
        for component in &topology.components {
            (&component.name, component.tasks).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// What one reader of the stream is told. Nothing waits for a reader: what is told when it comes back is what holds then.
#[derive(Debug)]
pub(super) struct Feed {
    site: Arc<Site>,
    ticks: Arc<Ticks>,
    topics: Topics,
    seen: watch::Receiver<Arc<Seen>>,
    findings: watch::Receiver<Arc<Vec<Finding>>>,
    newest: watch::Receiver<u64>,
    /// The number of the last event that was told.
    told: u64,
    graph: Option<u64>,
    /// What is to be said next.
    waiting: VecDeque<Bytes>,
    /// When the reader got the piece before.
    last: Instant,
}

impl Feed {
    /// For a reader that knows the events up to one, or begins with those to come.
    pub(super) fn new(site: Arc<Site>, ticks: Arc<Ticks>, topics: Topics, known: Option<Known>) -> Self {
        let lookout = &site.lookout;
        let (mut seen, mut findings) = (lookout.follow(), lookout.follow_findings());
        let mut newest = lookout.journal().follow();
        // Whoever comes is told how things stand at once.
        seen.mark_changed();
        findings.mark_changed();
        newest.mark_changed();
        let now = *newest.borrow();
        // Of what another process told, nothing is known here: all of it is new.
        let told = known.map_or(now, |known| known.seq_in(lookout.journal()).unwrap_or(0));
        let hello = json!({"version": site.version, "newest": now, "topics": topics.names()});
        let waiting = VecDeque::from([sse::hello(&Known::new(lookout.journal(), told).to_string(), &hello)]);
        let last = Instant::now();
        Self { site, ticks, topics, seen, findings, newest, told, graph: None, waiting, last }
    }

    /// The next piece; none when there will be no other. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        let late = self.last.elapsed();
        if late > LAG {
            self.lag(json!({"seconds": late.as_secs_f64()}));
        }
        while self.waiting.is_empty() {
            self.wait().await?;
        }
        self.last = Instant::now();
        self.waiting.pop_front()
    }

    /// Says that something was missed, and how things stand now.
    fn lag(&mut self, how: serde_json::Value) {
        self.waiting.push_front(sse::event("lagged", None, &how));
        self.seen.mark_changed();
        self.findings.mark_changed();
    }

    /// Waits until there is something to say.
    async fn wait(&mut self) -> Option<()> {
        let Topics { stats, events, findings } = self.topics;
        tokio::select! {
            biased;
            changed = self.newest.changed(), if events => {
                changed.ok()?;
                self.tell_events();
            }
            changed = self.findings.changed(), if findings => {
                changed.ok()?;
                let findings = Findings::new(&self.findings.borrow_and_update());
                self.waiting.push_back(sse::event("finding", None, &findings));
            }
            changed = self.seen.changed(), if stats => {
                changed.ok()?;
                self.tell_stats();
            }
            () = sleep(SILENCE) => self.waiting.push_back(sse::HEARTBEAT),
        }
        Some(())
    }

    fn tell_stats(&mut self) {
        let seen = Arc::clone(&self.seen.borrow_and_update());
        let tick = self.ticks.of(&self.site, &seen);
        if self.graph.replace(tick.graph).is_some_and(|before| before != tick.graph) {
            self.waiting.push_back(sse::event(
                "graph",
                None,
                &json!({"version": format!("{:x}", tick.graph)}),
            ));
        }
        self.waiting.push_back(tick.stats);
    }

    fn tell_events(&mut self) {
        let newest = *self.newest.borrow_and_update();
        let events = self.site.lookout.journal().after(self.told, BATCH);
        if let Some(first) = events.first()
            && first.seq > self.told + 1
        {
            let missed = first.seq - self.told - 1;
            self.lag(json!({"missed_events": missed}));
        }
        for event in events {
            self.told = event.seq;
            let id = Known::new(self.site.lookout.journal(), event.seq).to_string();
            self.waiting.push_back(sse::event("event", Some(&id), &*event));
        }
        if self.told < newest {
            self.newest.mark_changed();
        }
    }
}

impl Topics {
    fn names(self) -> Vec<&'static str> {
        let all = [(self.stats, "stats"), (self.events, "events"), (self.findings, "findings")];
        all.into_iter().filter_map(|(is_wanted, name)| is_wanted.then_some(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;
    use tokio::sync::mpsc;
    use tokio::time::{advance, pause};

    use super::*;
    use crate::event::NewEvent;
    use crate::lookout::Lookout;
    use crate::reload::ConfigState;

    fn site() -> Arc<Site> {
        let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
        let (orders, _nobody) = mpsc::channel(1);
        let lookout = Lookout::start().unwrap();
        Arc::new(Site::new("squall".into(), "0.0.0".into(), vec![], config, lookout, orders))
    }

    async fn said(feed: &mut Feed) -> String {
        String::from_utf8(feed.next().await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_reader_that_was_too_slow_is_told_and_then_how_things_stand() {
        pause();
        let mut feed = Feed::new(site(), Arc::default(), Topics::ALL, None);
        assert!(said(&mut feed).await.starts_with("retry: 2000\nevent: hello\n"));

        advance(LAG + Duration::from_secs(1)).await;

        assert_eq!(said(&mut feed).await, "event: lagged\ndata: {\"seconds\":4.0}\n\n");
        let (findings, stats) = (said(&mut feed).await, said(&mut feed).await);
        assert!(findings.starts_with("event: finding\n"), "{findings}");
        assert!(stats.starts_with("event: stats\n"), "{stats}");
    }

    #[tokio::test]
    async fn events_that_waited_for_a_slow_reader_are_not_lost() {
        pause();
        let site = site();
        let topics = Topics { stats: false, events: true, findings: false };
        let mut feed = Feed::new(Arc::clone(&site), Arc::default(), topics, None);
        said(&mut feed).await;
        let id = |seq| format!("event: event\nid: {}\n", Known::new(site.lookout.journal(), seq));
        for number in 0..3 {
            site.lookout.journal().write(NewEvent::new("test", number.to_string()));
        }
        assert!(said(&mut feed).await.starts_with(&id(1)));

        advance(LAG * 2).await;

        assert!(said(&mut feed).await.starts_with("event: lagged\n"));
        assert!(said(&mut feed).await.starts_with(&id(2)));
        assert!(said(&mut feed).await.starts_with(&id(3)));
    }

    #[tokio::test]
    async fn whoever_comes_from_the_process_before_gets_all_events_of_this_one() {
        pause();
        let topics = Topics { stats: false, events: true, findings: false };
        let (before, site) = (site(), site());
        for number in 0..3 {
            before.lookout.journal().write(NewEvent::new("test", number.to_string()));
            site.lookout.journal().write(NewEvent::new("test", number.to_string()));
        }
        let told = async |known| {
            let mut feed = Feed::new(Arc::clone(&site), Arc::default(), topics, Some(known));
            said(&mut feed).await;
            said(&mut feed).await
        };

        let own = told(Known::new(site.lookout.journal(), 2)).await;
        assert!(own.contains("\"seq\":3"), "{own}");
        let other = told(Known::new(before.lookout.journal(), 2)).await;
        assert!(other.contains("\"seq\":1"), "{other}");
        let bare = told("2".parse().unwrap()).await;
        assert!(bare.contains("\"seq\":3"), "{bare}");
    }

    #[tokio::test]
    async fn silence_is_broken_by_a_comment() {
        pause();
        let topics = Topics { stats: false, events: true, findings: false };
        let mut feed = Feed::new(site(), Arc::default(), topics, None);
        said(&mut feed).await;

        // Time goes on by itself when nothing else does.
        assert_eq!(said(&mut feed).await, ":\n\n");
    }
}
