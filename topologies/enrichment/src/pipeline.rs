//! The topology: `activities` → `parse` → one enricher behind the other → `write`, and `rejects` beside it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use squall::Invalid;
use squall::prelude::*;
use squall_connect::ndjson::{Line, LineSource, Unreadable};

use crate::bolts::{EnrichPassing, Parse, Rejects, RejectsIn, Sink, Write};
use crate::{Enrichers, Feed, Tally};

/// The name of the topology.
pub const NAME: &str = "enrichment";

/// Roots under way: what a core does in some ten milliseconds, so that no component waits for another.
const MAX_PENDING: usize = 4096;

/// A run that ends with its input may write to a pipe that somebody reads slowly, or not at all for a while. Lines
/// that wait for it must not time out: they would be written twice.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the lines come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An input that ends.
    Lines(LineSource),
    /// Generated events, without an end.
    Feed(Feed),
}

/// Builds the plan.
///
/// `parse` and the enrichers have a task per core, which take lines as fast as they can: the order of the output is
/// not that of the input, unless all have a parallelism of 1.
///
/// # Errors
///
/// An enricher has the name of another component, or one that no component may have.
pub fn plan(
    source: &Source,
    enrichers: &Enrichers,
    sink: &Sink,
    tally: &Arc<Tally>,
) -> std::result::Result<Plan, Invalid> {
    let mut t = TopologyBuilder::new(NAME);
    let (lines, unreadable) = declare_source(&mut t, source);
    let cores = thread::available_parallelism().map_or(1, usize::from);

    let parsed = t.bolt("parse", || Parse).tasks(cores).shuffle(lines).output();
    let mut enriched = parsed.activities;
    for named in enrichers.iter() {
        enriched = EnrichPassing::declare(&mut t, named, cores, enriched);
    }
    let sink = sink.clone();
    t.sync_bolt("write", move || Write::new(sink.clone())).shuffle(enriched);

    let tally = Arc::clone(tally);
    let mut rejects = t.bolt("rejects", move || Rejects::new(Arc::clone(&tally)));
    rejects = rejects.shuffle(parsed.rejects.via(RejectsIn::Rejected));
    if let Some(unreadable) = unreadable {
        rejects.shuffle(unreadable);
    }
    t.build()
}

fn declare_source(t: &mut TopologyBuilder, source: &Source) -> (Stream<Line>, Option<Stream<Unreadable>>) {
    match source.clone() {
        Source::Lines(source) => {
            let lines = t
                .spout("activities", move || source.lines())
                .max_pending(MAX_PENDING)
                .message_timeout(PATIENCE)
                .output();
            (lines.lines, Some(lines.unreadable))
        }
        Source::Feed(feed) => {
            let open = async move |cx: &TaskContext| Ok(feed.spout(cx.tasks));
            (t.spout_with("activities", open).max_pending(MAX_PENDING).output(), None)
        }
    }
}
