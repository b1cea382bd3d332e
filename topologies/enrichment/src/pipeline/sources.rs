//! The spouts of the pipeline: each is `activities`.

use std::time::Duration;

use squall::RetryPolicy;
use squall::prelude::*;
#[cfg(feature = "kafka")]
use squall_connect::kafka::{KafkaSource, Record};
use squall_connect::ndjson::{Line, LineSource, Unreadable};

use super::halting::Halting;
use super::{PATIENCE, UNDER_WAY};
use crate::halt::Halt;
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

/// Declares the spout of `source`, which goes on until it ends, or until `halt` says why it is no use.
pub(super) fn declare(
    t: &mut TopologyBuilder,
    source: &Source,
    room: &Room,
    halt: &Halt,
) -> (Incoming, Dead) {
    let max_pending = room.activities().saturating_add(UNDER_WAY);
    match source.clone() {
        Source::Lines(source) => lines(t, source, max_pending),
        Source::Feed(feed) => {
            let halt = halt.clone();
            let open = async move |cx: &TaskContext| Ok(Halting::new(feed.spout(cx.tasks), &halt));
            let events = t.spout_with(SPOUT, open).max_pending(max_pending).message_timeout(PATIENCE);
            (Incoming::Lines(events.output()), Dead::None)
        }
        Source::Jetstream(source) => feed(t, move |cx| source.spout(cx), max_pending, halt),
        Source::Wikimedia(source) => feed(t, move |cx| source.spout(cx), max_pending, halt),
        #[cfg(feature = "kafka")]
        Source::Kafka(source) => kafka(t, source, max_pending, halt),
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
    halt: &Halt,
) -> (Incoming, Dead) {
    let halt = halt.clone();
    let (events, dead) = t
        .spout_with(SPOUT, async move |cx: &TaskContext| Ok(Halting::new(spout(cx)?, &halt)))
        .max_pending(max_pending)
        .message_timeout(PATIENCE)
        .replay(REPLAY)
        .output();
    (Incoming::Lines(events), Dead::Lines(dead))
}

#[cfg(feature = "kafka")]
fn kafka(t: &mut TopologyBuilder, source: KafkaSource, max_pending: usize, halt: &Halt) -> (Incoming, Dead) {
    let halt = halt.clone();
    let tasks = source.settings().tasks;
    let (records, dead) = t
        .spout_with(SPOUT, async move |cx: &TaskContext| Ok(Halting::new(source.spout(cx)?, &halt)))
        .tasks(tasks)
        .max_pending(max_pending)
        .message_timeout(PATIENCE)
        .replay(REPLAY)
        .output();
    (Incoming::Records(records), Dead::Records(dead))
}
