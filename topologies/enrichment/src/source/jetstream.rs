//! [`JetstreamSource`]: the events of Bluesky, over a WebSocket.

mod cursor;
mod settings;

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use squall::prelude::*;
use squall_connect::feed::Book;
use squall_connect::websocket::Frames;
use tracing::{info, warn};
use url::Url;

use super::feed::{FeedSpout, Incoming, Received};
use super::{keeper::Keeper, tally::FeedTally};
use crate::SqlOutput;
use cursor::{Frontier, now_us};
pub use settings::JetstreamSettings;

/// How far back the servers go. What is older they leave out without a word.
const LOOK_BACK_MOST_US: i64 = 36 * 3600 * 1_000_000;

/// The events of a Jetstream (version 1), and where it stands. Copies share it.
///
/// Its cursor is a time. Since the clocks behind a Jetstream are not one, it is the latest time that came, but not beyond
/// the earliest that is not done, less an overlap; what comes a second time by that goes no further.
///
/// ```
/// use squall::RetryPolicy;
/// use squall::prelude::*;
/// use squall_enrichment::{JetstreamSettings, JetstreamSource};
///
/// # let folder = tempfile::tempdir().unwrap();
/// let settings = JetstreamSettings::new("wss://jetstream2.us-east.bsky.network/subscribe");
/// let source = JetstreamSource::open(settings, Some(&folder.path().join("jetstream.cursor")))?;
/// assert_eq!(source.cursor(), None, "it was never read");
///
/// let mut t = TopologyBuilder::new("posts");
/// let spout = source.clone();
/// let (lines, dead) = t
///     .spout_with("activities", async move |context: &TaskContext| spout.spout(context))
///     .replay(RetryPolicy::default())
///     .output();
/// # let _ = (lines, dead);
/// # Ok::<_, squall::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JetstreamSource {
    settings: Arc<JetstreamSettings>,
    address: Url,
    keeper: Arc<Keeper>,
    tally: Arc<FeedTally>,
}

impl JetstreamSource {
    /// A source that is not connected. Its cursor is kept in a file, where one is named.
    ///
    /// # Errors
    ///
    /// The address is none, or the file cannot be used. They are permanent.
    pub fn open(settings: JetstreamSettings, cursor: Option<&Path>) -> Result<Self> {
        let address = settings.address().map_err(Error::permanent)?;
        let keeper = Keeper::open(cursor)?;
        Ok(Self { settings: Arc::new(settings), address, keeper, tally: Arc::default() })
    }

    /// The spout of a task, for `spout_with`: the first task reads.
    ///
    /// # Errors
    ///
    /// The file of the cursor has something else in it.
    pub fn spout(&self, context: &TaskContext) -> Result<FeedSpout<Jetstream>> {
        if context.task > 0 {
            return Ok(FeedSpout::idle());
        }
        FeedSpout::new(&self.keeper, &self.tally, |kept| {
            let kept = kept.map(|kept| {
                kept.parse().map_err(|_| {
                    Error::permanent(format!(
                        "the cursor of the Jetstream is a number of microseconds since 1970, and not `{kept}`; \
                         remove its file to begin anew"
                    ))
                })
            });
            let kept = kept.transpose()?;
            let frontier = Frontier::begin(kept, self.settings.look_back, self.settings.overlap, now_us());
            let frames = Frames::new(self.settings.frames());
            Ok(Jetstream { address: self.address.clone(), frames, frontier })
        })
    }

    /// Goes on where `output` says, if it says anything, and has it keep the cursor together with what came of the events,
    /// instead of a file: before the first spout.
    pub fn keep_in(&self, output: &SqlOutput) {
        self.keeper.keep_in(output);
    }

    /// Where another process would go on: microseconds since 1970.
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

/// A Jetstream, event by event.
#[derive(Debug)]
pub struct Jetstream {
    address: Url,
    frames: Frames,
    frontier: Frontier,
}

/// What its cursor is about.
#[derive(Deserialize)]
struct Stamped {
    time_us: i64,
}

impl Incoming for Jetstream {
    type Position = i64;

    async fn next(&mut self, tally: &FeedTally) -> Result<Received<i64>> {
        let (address, frontier) = (&self.address, &self.frontier);
        let json = self
            .frames
            .next(|| {
                FeedTally::add(&tally.connections);
                resumed(address, frontier)
            })
            .await
            .map_err(Error::permanent)?;
        // An event without a time stands where the one before it stood.
        let time = serde_json::from_str(&json).map(|stamped: Stamped| stamped.time_us);
        let position = self.frontier.came(time.ok(), now_us());
        Ok(Received::Event { json, position })
    }

    fn left(&mut self, _: Vec<i64>) {}

    fn cursor(&self, book: &Book<i64>) -> Option<String> {
        Some(self.frontier.cursor(book.open().copied().min(), now_us()).to_string())
    }
}

/// The address of a connection that goes on behind what came.
fn resumed(address: &Url, frontier: &Frontier) -> String {
    let now = now_us();
    // What came and is not done is under way: it need not come again.
    let cursor = frontier.cursor(None, now);
    if now.saturating_sub(cursor) > LOOK_BACK_MOST_US {
        warn!(cursor, "The cursor is older than what a Jetstream keeps: what it has dropped since is lost.");
    }
    let mut address = address.clone();
    address.query_pairs_mut().append_pair("cursor", &cursor.to_string());
    info!(cursor, "The Jetstream goes on.");
    address.into()
}
