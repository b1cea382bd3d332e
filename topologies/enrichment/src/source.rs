//! Feeds that are resumed by a cursor: Jetstream and Wikimedia.
//!
//! A feed is read by one task. Each event is a root of its own, and the cursor that outlives the process never lies behind
//! an event that is not done: at least once, without a gap. What comes again is known by its [`EventId`] and counted.
//!
//! [`EventId`]: crate::EventId

mod feed;
mod jetstream;
mod keeper;
mod recent;
mod tally;
mod wikimedia;

pub use feed::{FeedSpout, Incoming, Received, Ticket};
pub use jetstream::{Jetstream, JetstreamSettings, JetstreamSource};
pub use tally::FeedTally;
pub use wikimedia::{Wikimedia, WikimediaSettings, WikimediaSource};
