//! [`WikimediaSource`]: the changes of the wikis of Wikimedia, as Server-Sent Events.

mod settings;

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use squall::prelude::*;
use squall_connect::feed::Book;
use squall_connect::sse::{ErrorKind, Events, Item, Resume};

use super::feed::{FeedSpout, Incoming, Received};
use super::{keeper::Keeper, tally::FeedTally};
use crate::SqlOutput;
pub use settings::WikimediaSettings;

/// The domain of the events by which Wikimedia tests the feed.
const CANARY: &str = "canary";

/// The events of a feed of Wikimedia, and where it stands. Copies share it.
///
/// Its cursor is the id of the last event before which everything is done, itself included; it is sent as `Last-Event-ID`.
/// It will do for any feed of Server-Sent Events that has JSON in its `data` and an `id`. Without ids a feed cannot be
/// resumed: what it sends between two connections is lost.
///
/// ```
/// use squall_enrichment::{WikimediaSettings, WikimediaSource};
///
/// let settings = WikimediaSettings::new("https://stream.wikimedia.org/v2/stream/recentchange");
/// let source = WikimediaSource::open(settings, None)?;
///
/// assert_eq!((source.cursor(), source.tally().received()), (None, 0));
/// # Ok::<_, squall::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WikimediaSource {
    settings: Arc<WikimediaSettings>,
    keeper: Arc<Keeper>,
    tally: Arc<FeedTally>,
}

impl WikimediaSource {
    /// A source that is not connected. Its cursor is kept in a file, where one is named.
    ///
    /// # Errors
    ///
    /// The address is none, or the file cannot be used. They are permanent.
    pub fn open(settings: WikimediaSettings, cursor: Option<&Path>) -> Result<Self> {
        settings.check().map_err(Error::permanent)?;
        Ok(Self { settings: Arc::new(settings), keeper: Keeper::open(cursor)?, tally: Arc::default() })
    }

    /// The spout of a task, for `spout_with`: the first task reads.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn spout(&self, context: &TaskContext) -> Result<FeedSpout<Wikimedia>> {
        if context.task > 0 {
            return Ok(FeedSpout::idle());
        }
        FeedSpout::new(&self.keeper, &self.tally, |kept| {
            let events = Events::new(self.settings.events()).map_err(Error::permanent)?;
            let (came, done) = (kept.clone().map(Arc::from), kept.map(Arc::from));
            Ok(Wikimedia { address: self.settings.url.clone(), events, came, done })
        })
    }

    /// Goes on where `output` says, if it says anything, and has it keep the cursor together with what came of the events,
    /// instead of a file: before the first spout.
    pub fn keep_in(&self, output: &SqlOutput) {
        self.keeper.keep_in(output);
    }

    /// Where another process would go on.
    pub fn cursor(&self) -> Option<String> {
        self.keeper.cursor()
    }

    /// What it is called where its cursor is kept: its host and path, and what is wanted of it.
    pub fn name(&self) -> String {
        self.settings.name()
    }

    /// What became of what came.
    pub fn tally(&self) -> &FeedTally {
        &self.tally
    }
}

/// A feed of Wikimedia, event by event.
#[derive(Debug)]
pub struct Wikimedia {
    address: String,
    events: Events,
    /// The id of what came last.
    came: Option<Arc<str>>,
    /// The id of the last event before which everything is done.
    done: Option<Arc<str>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    meta: Meta<'a>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow)]
    domain: std::borrow::Cow<'a, str>,
}

impl Incoming for Wikimedia {
    type Position = Option<Arc<str>>;

    async fn next(&mut self, tally: &FeedTally) -> Result<Received<Self::Position>> {
        let (address, came) = (&self.address, &self.came);
        let resume = || {
            FeedTally::add(&tally.connections);
            Resume { address: address.clone(), last_event_id: came.as_deref().map(str::to_owned) }
        };
        let item = match self.events.next(resume).await {
            Ok(item) => item,
            Err(error) if error.kind() == ErrorKind::Over => return Ok(Received::End),
            Err(error) => return Err(Error::permanent(error)),
        };
        Ok(match item {
            Item::TooLong { id, .. } => {
                self.came.clone_from(&id);
                Received::TooLong(id)
            }
            Item::Event(event) => {
                self.came.clone_from(&event.id);
                let is_canary = serde_json::from_str(&event.data)
                    .is_ok_and(|change: Change<'_>| change.meta.domain == CANARY);
                if is_canary {
                    Received::PassedOver(event.id)
                } else {
                    Received::Event { json: event.data, position: event.id }
                }
            }
        })
    }

    fn left(&mut self, positions: Vec<Self::Position>) {
        if let Some(last) = positions.into_iter().next_back() {
            self.done = last;
        }
    }

    fn cursor(&self, _: &Book<Self::Position>) -> Option<String> {
        self.done.as_deref().map(str::to_owned)
    }
}
