//! The topology: `activities` → `parse` → `park` → `write`, with the enrichers between the second and the third, and
//! `rejects` beside it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use squall::Invalid;
use squall::prelude::*;
use squall_connect::ndjson::{Line, LineSource, Unreadable};

use crate::bolts::{Enrich, Join, JoinIn, Parse, ParseStreams, Rejects, RejectsIn, Sink, Waiting, Write};
use crate::{Activity, Answer, Enrichers, Feed, Room, Tally};

/// The name of the topology.
pub const NAME: &str = "enrichment";

/// Roots under way besides those that are parked: what a core does in some ten milliseconds, so that no component
/// waits for another.
const UNDER_WAY: usize = 4096;

/// A root may wait for an enricher that is down, and a run that ends with its input may write to a pipe that somebody
/// reads slowly, or not at all for a while. What waits for them must not time out: it would be done twice. What is lost
/// fails at once and needs no timeout.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How often what failed is let go of.
const SWEEP: Duration = Duration::from_millis(250);

/// Where the lines come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An input that ends.
    Lines(LineSource),
    /// Generated events, without an end.
    Feed(Feed),
}

/// Builds the plan. Activities that wait for answers do so in `room`.
///
/// `parse`, `park` and the enrichers have a task per core, which take what comes as fast as they can: the order of the
/// output is not that of the input.
///
/// # Errors
///
/// An enricher has the name of another component, or one that no component may have.
pub fn plan(
    source: &Source,
    enrichers: &Enrichers,
    room: &Room,
    sink: &Sink,
    tally: &Arc<Tally>,
) -> std::result::Result<Plan, Invalid> {
    let mut t = TopologyBuilder::new(NAME);
    let (lines, unreadable) = declare_source(&mut t, source, room);
    let cores = thread::available_parallelism().map_or(1, usize::from);

    let (parsed, answers) = declare_questions(&mut t, lines, enrichers, room, cores);
    let parked = declare_park(&mut t, parsed.waiting, answers, room, cores);
    let sink = sink.clone();
    t.sync_bolt("write", move || Write::new(sink.clone())).shuffle(parsed.ready).shuffle(parked);

    let tally = Arc::clone(tally);
    let mut rejects = t.bolt("rejects", move || Rejects::new(Arc::clone(&tally)));
    rejects = rejects.shuffle(parsed.rejects.via(RejectsIn::Rejected));
    if let Some(unreadable) = unreadable {
        rejects.shuffle(unreadable);
    }
    t.build()
}

/// From lines to activities, and to what enrichers say about them: one stream for each.
fn declare_questions(
    t: &mut TopologyBuilder,
    lines: Stream<Line>,
    enrichers: &Enrichers,
    room: &Room,
    tasks: usize,
) -> (ParseStreams, Vec<Stream<Answer>>) {
    let parse = Parse::new(enrichers.clone(), room.clone());
    // It waits for room as long as it takes.
    let parse = t.bolt("parse", move || parse.clone()).tasks(tasks).stuck_after(PATIENCE);
    let parsed = parse.shuffle(lines).output();
    let asked = enrichers.iter().enumerate();
    let answers = asked.map(|named| Enrich::declare(t, named, tasks, parsed.asked)).collect();
    (parsed, answers)
}

/// What waits for answers meets them.
fn declare_park(
    t: &mut TopologyBuilder,
    waiting: Stream<Waiting>,
    answers: Vec<Stream<Answer>>,
    room: &Room,
    tasks: usize,
) -> Stream<Activity> {
    let room = room.clone();
    let mut park = t
        .bolt("park", move || Join::new(room.clone()))
        .tasks(tasks)
        .tick(SWEEP)
        .fields(waiting.via(JoinIn::Waiting), |waiting| &waiting.number);
    for answers in answers {
        park = park.fields(answers.via(JoinIn::Answer), |answer| &answer.number);
    }
    park.output()
}

fn declare_source(
    t: &mut TopologyBuilder,
    source: &Source,
    room: &Room,
) -> (Stream<Line>, Option<Stream<Unreadable>>) {
    let max_pending = room.activities().saturating_add(UNDER_WAY);
    match source.clone() {
        Source::Lines(source) => {
            let lines = t
                .spout("activities", move || source.lines())
                .max_pending(max_pending)
                .message_timeout(PATIENCE)
                .output();
            (lines.lines, Some(lines.unreadable))
        }
        Source::Feed(feed) => {
            let open = async move |cx: &TaskContext| Ok(feed.spout(cx.tasks));
            let events = t.spout_with("activities", open).max_pending(max_pending).message_timeout(PATIENCE);
            (events.output(), None)
        }
    }
}

#[cfg(test)]
mod tests;
