//! Events in the form and the mix of a public feed, out of a seed and without a network.

mod event;
mod feed;
mod phrases;
mod schedule;
mod settings;
mod spout;

pub use feed::Feed;
pub use settings::{Bursts, Duplicates, GeneratorSettings, Reversed};
pub use spout::Generated;

use fastrand::Rng;

/// Makes events of the Jetstream form (version 1), each a line of JSON.
///
/// The mix is that of a recorded feed: of 1,000 events 690 are likes, 118 posts, 99 reposts, 59 follows, and the rest
/// deletes, updates, identities and accounts; a quarter of the clocks go backwards. The same seed gives the same
/// events, but for their instants.
///
/// ```
/// use squall_enrichment::{Activity, Generator};
///
/// let (mut one, mut other) = (Generator::new(7), Generator::new(7));
///
/// let json = one.event(1_783_175_888_000_000);
/// assert_eq!(json, other.event(1_783_175_888_000_000));
/// assert!(Activity::parse(1, json).is_ok());
/// ```
#[derive(Debug)]
pub struct Generator {
    rng: Rng,
    /// Events made so far: a part of their revisions, so that no two are alike.
    made: u64,
}

impl Generator {
    /// A generator of the events of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), made: 0 }
    }

    /// The next event, of the instant `now`: microseconds since 1970.
    pub fn event(&mut self, now: u64) -> String {
        self.made += 1;
        event::event(&mut self.rng, self.made, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activity;

    #[test]
    fn the_mix_is_that_of_a_recorded_feed() {
        let mut generator = Generator::new(1);
        let (mut likes, mut posts, mut bytes) = (0, 0, 0);

        for _ in 0..10_000 {
            let json = generator.event(1_783_175_888_000_000);
            likes += u32::from(json.contains("\"collection\":\"app.bsky.feed.like\""));
            posts += u32::from(json.contains("\"$type\":\"app.bsky.feed.post\""));
            bytes += json.len();
            assert!((120..2000).contains(&json.len()), "{json}");
        }

        assert!((6700..7100).contains(&likes), "{likes}");
        assert!((1100..1300).contains(&posts), "{posts}");
        assert!((400..700).contains(&(bytes / 10_000)), "{bytes}");
    }

    #[test]
    fn every_event_is_an_activity_and_no_two_are_alike() {
        let mut generator = Generator::new(2);
        let mut seen = std::collections::HashSet::new();

        for number in 0..5_000 {
            let json = generator.event(1_783_175_888_000_000);
            Activity::parse(number, json.as_str()).unwrap();
            assert!(seen.insert(json));
        }
    }

    #[test]
    fn another_seed_gives_other_events() {
        assert_ne!(Generator::new(1).event(0), Generator::new(2).event(0));
    }
}
