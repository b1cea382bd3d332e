//! What a server has to send, and how badly it sends it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds between two events.
pub(crate) const APART: i64 = 1_000;

/// Events that a server has to send, in its order.
#[derive(Clone)]
pub(crate) struct Log(Arc<Vec<(i64, String)>>);

impl Log {
    /// Posts of the last minutes, the times of some neighbours in the wrong order.
    pub(crate) fn of_posts(count: i64, random: &mut fastrand::Rng) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64;
        let begin = now - count * APART - 60_000_000;
        let event = |number: i64| {
            let time = begin + number * APART + random.i64(-3 * APART..3 * APART);
            let json = format!(
                r#"{{"did":"did:plc:{number}","time_us":{time},"kind":"commit","commit":{{"rev":"{number}","operation":"create","collection":"app.bsky.feed.post","rkey":"k","record":{{"text":"good morning {number}"}}}}}}"#
            );
            (time, json)
        };
        Self(Arc::new((0..count).map(event).collect()))
    }

    /// Changes of wikis.
    pub(crate) fn of_changes(count: i64) -> Self {
        let event = |number: i64| {
            let domain = if number % 10 == 9 { "canary" } else { "commons.wikimedia.org" };
            let json = format!(
                r#"{{"meta":{{"id":"{number}-4f","domain":"{domain}","stream":"mediawiki.recentchange"}},"id":{number},"comment":"b"}}"#
            );
            (number, json)
        };
        Self(Arc::new((0..count).map(event).collect()))
    }

    /// The events from a time on.
    pub(crate) fn since(&self, time: i64) -> Vec<(i64, String)> {
        self.0.iter().filter(|(at, _)| *at >= time).cloned().collect()
    }

    /// The ids of the events that are of interest.
    pub(crate) fn ids(&self) -> Vec<String> {
        let ids = self.0.iter().filter(|(_, json)| !json.contains("canary"));
        ids.map(|(_, json)| squall_enrichment::EventId::of(json).unwrap().to_string()).collect()
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should.
    Close,
    /// In the middle of it.
    Break,
    /// It is there, and nobody answers.
    Stall,
    /// Never, as nothing happens to it.
    None,
}

/// Does to what is to be sent what servers do: some events twice, some neighbours in the wrong order, some left out
/// a few events before they cut off. Returns how that goes on.
pub(crate) fn spoil(events: &mut Vec<(i64, String)>, reorders: bool, random: &mut fastrand::Rng) -> End {
    let sent = random.usize(1..300);
    let end = if events.len() > sent {
        events.truncate(sent);
        *random.choice([End::Close, End::Break, End::Break, End::Close, End::Stall].iter()).unwrap()
    } else {
        End::None
    };
    for _ in 0..events.len() / 20 {
        let at = random.usize(..events.len());
        events.insert(at, events[at].clone());
    }
    if reorders {
        for window in events.chunks_mut(6) {
            random.shuffle(window);
        }
        // A server that has too much to send drops some of it, and then whoever is too slow.
        if end != End::None && events.len() > 5 {
            events.remove(events.len() - 1 - random.usize(..5));
        }
    }
    end
}
