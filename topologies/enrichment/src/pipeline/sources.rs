//! The spouts of the pipeline: each is `activities`.

use std::time::Duration;

use squall::RetryPolicy;
use squall::prelude::*;
#[cfg(feature = "kafka")]
use squall_connect::kafka::{KafkaSource, Record};
use squall_connect::ndjson::{Line, LineSource, Unreadable};

use super::{PATIENCE, UNDER_WAY};
use crate::{FeedSpout, Incoming as FeedOf, Room, Source};

/// What all of them are called.
const SPOUT: &str = "activities";

/// How often what failed is done again before it is a dead letter: two minutes, so that what passes has passed by then.
const REPLAY: RetryPolicy =
    RetryPolicy { attempts: 20, backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(10) };

/// What a source gives.
pub(super) enum Incoming {
    Lines(Stream<Line>),
    #[cfg(feature = "kafka")]
    Records(Stream<Record>),
}

/// What a source gives up on.
pub(super) enum Dead {
    /// It has words of its own for that.
    None,
    Unreadable(Stream<Unreadable>),
    Lines(Stream<squall::Dead<Line>>),
    #[cfg(feature = "kafka")]
    Records(Stream<squall::Dead<Record>>),
}

pub(super) fn declare(t: &mut TopologyBuilder, source: &Source, room: &Room) -> (Incoming, Dead) {
    let max_pending = room.activities().saturating_add(UNDER_WAY);
    match source.clone() {
        Source::Lines(source) => lines(t, source, max_pending),
        Source::Feed(feed) => {
            let open = async move |cx: &TaskContext| Ok(feed.spout(cx.tasks));
            let events = t.spout_with(SPOUT, open).max_pending(max_pending).message_timeout(PATIENCE);
            (Incoming::Lines(events.output()), Dead::None)
        }
        Source::Jetstream(source) => feed(t, move |cx| source.spout(cx), max_pending),
        Source::Wikimedia(source) => feed(t, move |cx| source.spout(cx), max_pending),
        #[cfg(feature = "kafka")]
        Source::Kafka(source) => kafka(t, source, max_pending),
    }
}

fn lines(t: &mut TopologyBuilder, source: LineSource, max_pending: usize) -> (Incoming, Dead) {
    let lines =
        t.spout(SPOUT, move || source.lines()).max_pending(max_pending).message_timeout(PATIENCE).output();
    (Incoming::Lines(lines.lines), Dead::Unreadable(lines.unreadable))
}

fn feed<F: FeedOf>(
    t: &mut TopologyBuilder,
    spout: impl Fn(&TaskContext) -> Result<FeedSpout<F>> + Clone + Send + Sync + 'static,
    max_pending: usize,
) -> (Incoming, Dead) {
    let (events, dead) = t
        .spout_with(SPOUT, async move |cx: &TaskContext| spout(cx))
        .max_pending(max_pending)
        .message_timeout(PATIENCE)
        .replay(REPLAY)
        .output();
    (Incoming::Lines(events), Dead::Lines(dead))
}

#[cfg(feature = "kafka")]
fn kafka(t: &mut TopologyBuilder, source: KafkaSource, max_pending: usize) -> (Incoming, Dead) {
    let tasks = source.settings().tasks;
    let (records, dead) = t
        .spout_with(SPOUT, async move |cx: &TaskContext| source.spout(cx))
        .tasks(tasks)
        .max_pending(max_pending)
        .message_timeout(PATIENCE)
        .replay(REPLAY)
        .output();
    (Incoming::Records(records), Dead::Records(dead))
}
