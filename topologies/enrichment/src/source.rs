//! Where activities come from.
//!
//! A feed, Jetstream or Wikimedia, is resumed by a cursor. It is read by one task. Each event is a root of its own, and the cursor that outlives the process never lies behind
//! an event that is not done: at least once, without a gap. What comes again is known by its [`EventId`] and counted.
//!
//! [`EventId`]: crate::EventId

mod feed;
mod feed_name;
mod jetstream;
mod keeper;
mod lines;
mod lines_file;
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
use lines_file::LinesFile;
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
            Self::Lines(lines) => match LinesFile::find(lines.name()) {
                Some(file) => Ids::new(&file.path(), Places::Numbers),
                // What comes over a pipe is something else each time.
                None => Ids::new(lines.name(), Places::Contents),
            },
            Self::Feed(_) => Ids::new("generator", Places::Contents),
            Self::Jetstream(feed) => Ids::new(&feed.name(), Places::Contents),
            Self::Wikimedia(feed) => Ids::new(&feed.name(), Places::Contents),
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
                let file = LinesFile::find(lines.name());
                let fingerprint = file.map(|file| file.fingerprint()).transpose()?.flatten();
                let output = SqlOutput::open_file(options, ids.source(), fingerprint).await?;
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
            Self::Jetstream(feed) => {
                let output = SqlOutput::open(options, ids.source(), ids.places()).await?;
                feed.keep_in(&output);
                Ok(output)
            }
            Self::Wikimedia(feed) => {
                let output = SqlOutput::open(options, ids.source(), ids.places()).await?;
                feed.keep_in(&output);
                Ok(output)
            }
            // What is made here, or comes over a pipe, does not go on.
            Self::Lines(_) | Self::Feed(_) => SqlOutput::open(options, ids.source(), ids.places()).await,
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
        progress.lowest(partition).and_then(|lowest| u64::try_from(lowest).ok())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feed_is_claimed_by_a_name_of_its_own() {
        let jetstream =
            |url: &str| Source::Jetstream(JetstreamSource::open(JetstreamSettings::new(url), None).unwrap());
        let wikimedia =
            |url: &str| Source::Wikimedia(WikimediaSource::open(WikimediaSettings::new(url), None).unwrap());

        for (source, name) in [
            (jetstream("wss://a.example/subscribe"), "jetstream a.example/subscribe"),
            (jetstream("wss://b.example/subscribe"), "jetstream b.example/subscribe"),
            (wikimedia("https://a.example/v2/stream/test"), "wikimedia a.example/v2/stream/test"),
        ] {
            assert_eq!((source.ids().source(), source.ids().places()), (name, Places::Contents));
        }
    }

    #[test]
    fn a_file_is_claimed_by_where_it_lies_and_a_pipe_has_no_place_to_go_on_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("posts.ndjson");
        std::fs::write(&path, "{}\n").unwrap();
        let dotted = folder.path().join("./posts.ndjson");

        let file = Source::Lines(LineSource::open(dotted.to_str().unwrap()).unwrap()).ids();
        let pipe = Source::Lines(LineSource::open("/dev/null").unwrap()).ids();

        assert_eq!((file.source(), file.places()), (path.to_str().unwrap(), Places::Numbers));
        assert_eq!(pipe.places(), Places::Contents);
    }
}
