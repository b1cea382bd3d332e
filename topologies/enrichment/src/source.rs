//! Where activities come from.
//!
//! A feed, Jetstream or Wikimedia, is resumed by a cursor. It is read by one task. Each event is a root of its own, and the cursor that outlives the process never lies behind
//! an event that is not done: at least once, without a gap. What comes again is known by its [`EventId`] and counted.
//!
//! [`EventId`]: crate::EventId

mod feed;
mod jetstream;
mod keeper;
mod lines;
mod recent;
mod settings;
mod tally;
mod wikimedia;

use std::sync::Arc;

#[cfg(feature = "kafka")]
use squall_connect::kafka::KafkaSource;
use squall_connect::ndjson::LineSource;

#[cfg(feature = "kafka")]
use crate::BehindKafka;
use crate::{Backlog, Feed, Ids, Overload, Places};

pub use feed::{FeedSpout, Incoming, Received, Ticket};
pub use jetstream::{Jetstream, JetstreamSettings, JetstreamSource};
pub use lines::LinesSettings;
pub(crate) use settings::KINDS;
pub use settings::SourceSettings;
pub use tally::FeedTally;
pub use wikimedia::{Wikimedia, WikimediaSettings, WikimediaSource};

/// Where the activities of a run come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An input that ends.
    Lines(LineSource),
    /// Generated events, without an end.
    Feed(Feed),
    /// A Jetstream of Bluesky.
    Jetstream(JetstreamSource),
    /// The changes of wikis.
    Wikimedia(WikimediaSource),
    /// A topic.
    #[cfg(feature = "kafka")]
    Kafka(KafkaSource),
}

impl Source {
    /// The input of a run that ends with it.
    pub fn lines(&self) -> Option<&LineSource> {
        match self {
            Self::Lines(lines) => Some(lines),
            _ => None,
        }
    }

    /// By which its activities are known again.
    pub fn ids(&self) -> Ids {
        match self {
            Self::Lines(lines) => Ids::new(lines.name(), Places::Numbers),
            Self::Feed(_) => Ids::new("generator", Places::Contents),
            Self::Jetstream(_) => Ids::new("jetstream", Places::Contents),
            Self::Wikimedia(_) => Ids::new("wikimedia", Places::Contents),
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => Ids::new(&topic.settings().topic, Places::Numbers),
        }
    }

    /// Has it tell what is behind it.
    pub(crate) fn tell(&self, overload: &Overload) {
        match self.clone() {
            Self::Lines(lines) => overload.behind(move || {
                let (read, done) = (lines.progress().lines(), lines.progress().done());
                Backlog { records: read.saturating_sub(done), done, ..Backlog::default() }
            }),
            // What is not made does not wait.
            Self::Feed(feed) => {
                let tally = Arc::clone(overload.tally());
                overload.behind(move || {
                    let (given, done) = (feed.given(), tally.done());
                    Backlog { records: given.saturating_sub(done), done, ..Backlog::default() }
                });
            }
            Self::Jetstream(feed) => overload.behind(move || behind(feed.tally())),
            Self::Wikimedia(feed) => overload.behind(move || behind(feed.tally())),
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => overload.behind(BehindKafka::new(topic)),
        }
    }
}

/// A feed does not say how much there is: what has come is behind it.
fn behind(tally: &FeedTally) -> Backlog {
    let (fresh, done) = (tally.received().saturating_sub(tally.repeated()), tally.done());
    Backlog { records: fresh.saturating_sub(done), done, ..Backlog::default() }
}
