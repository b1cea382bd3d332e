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

use squall::prelude::*;
#[cfg(feature = "kafka")]
use squall_connect::kafka::KafkaSource;
use squall_connect::ndjson::LineSource;
use squall_connect::sql;

#[cfg(feature = "kafka")]
use crate::BehindKafka;
use crate::{Backlog, Feed, Ids, Overload, Places, Sink, SqlOutput};

pub use feed::{FeedSpout, Incoming, Received, Ticket};
pub use jetstream::{Jetstream, JetstreamSettings, JetstreamSource};
pub use lines::LinesSettings;
pub(crate) use settings::KINDS;
pub use settings::SourceSettings;
pub use tally::FeedTally;
pub use wikimedia::{Wikimedia, WikimediaSettings, WikimediaSource};

/// What errors call the input that has no name.
const STANDARD_INPUT: &str = "standard input";

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
            // What comes over a pipe is something else each time.
            Self::Lines(lines) if lines.name() == STANDARD_INPUT => {
                Ids::new(STANDARD_INPUT, Places::Contents)
            }
            Self::Lines(lines) => Ids::new(lines.name(), Places::Numbers),
            Self::Feed(_) => Ids::new("generator", Places::Contents),
            Self::Jetstream(_) => Ids::new("jetstream", Places::Contents),
            Self::Wikimedia(_) => Ids::new("wikimedia", Places::Contents),
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => Ids::new(&topic.settings().topic, Places::Numbers),
        }
    }

    /// Claims it in a database whose table its activities go to, and goes on from where it is done there.
    pub(crate) async fn claim(&self, options: sql::Options) -> Result<SqlOutput> {
        let ids = self.ids();
        match self {
            // It goes on after its last line that is done, and tells how far it is.
            Self::Lines(lines) if ids.places() == Places::Numbers => {
                let output = SqlOutput::open(options, ids.source(), Places::Numbers).await?;
                let progress = lines.clone();
                output.follow(move || progress.progress().done_to());
                Ok(output)
            }
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => {
                let output = SqlOutput::open_in_parts(options, ids).await?;
                keep(topic, &output);
                Ok(output)
            }
            // Their cursor lies elsewhere, and is never ahead of the table.
            _ => SqlOutput::open(options, ids.source(), ids.places()).await,
        }
    }

    /// The same source, beginning where it is done in the table.
    #[must_use]
    pub(crate) fn behind(self, sink: &Sink) -> Self {
        match (self, sink) {
            (Self::Lines(lines), Sink::Table(Some(output))) => Self::Lines(lines.skip(output.done_to())),
            (source, _) => source,
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

/// Has a topic begin where each of its partitions is done in the table, and tell how far it is.
#[cfg(feature = "kafka")]
fn keep(topic: &KafkaSource, output: &SqlOutput) {
    let claims = output.clone();
    topic.begin_where(move |partition| {
        // The thread that polls asks: it has no runtime, and nothing else to do.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let done_to = runtime.block_on(claims.claim(partition))?;
        Ok(i64::try_from(done_to).ok().filter(|done_to| *done_to > 0))
    });
    let progress = topic.clone();
    output.follow_parts(move |partition| {
        progress.lowest(partition).and_then(|lowest| u64::try_from(lowest).ok()).unwrap_or_default()
    });
}
