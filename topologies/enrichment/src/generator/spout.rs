//! The spout that emits generated events when they are due.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use squall::prelude::*;
use squall_connect::ndjson::Line;
use tokio::time::{Instant, sleep_until};

use super::Feed;

/// Events are emitted together, this far apart: fifty wake-ups a second, whatever the rate.
const APART: Duration = Duration::from_millis(20);

/// What was not emitted for so long, under back-pressure or in a pause, is not made up for.
const BEHIND_MOST: Duration = Duration::from_secs(1);

/// How often an event is delivered before it counts as failed.
const ATTEMPTS: u32 = 3;

/// Emits the events of a [`Feed`], each a root of its own.
pub struct Generated {
    feed: Feed,
    /// This one's part of the events.
    part: f64,
    /// When the first event was looked for.
    since: Option<Instant>,
    /// What was due since then and needs not be emitted any more.
    emitted: u64,
    replays: VecDeque<(Line, Delivery)>,
}

impl Generated {
    /// One of so many that share a feed.
    pub(super) fn new(feed: Feed, tasks: usize) -> Self {
        let part = 1.0 / tasks.max(1) as f64;
        Self { feed, part, since: None, emitted: 0, replays: VecDeque::new() }
    }

    /// How many events are due.
    fn due(&mut self, now: Instant) -> u64 {
        let time = now - *self.since.get_or_insert(now);
        let wanted = self.wanted(time);
        if self.emitted < self.wanted(time.saturating_sub(BEHIND_MOST)) {
            self.emitted = wanted;
        }
        wanted.saturating_sub(self.emitted)
    }

    fn wanted(&self, time: Duration) -> u64 {
        (self.feed.schedule.due(time) * self.part) as u64
    }

    /// When the next event is due, but not too soon.
    fn next_due(&self, now: Instant) -> Instant {
        let time = now - self.since.unwrap_or(now);
        let events = (self.emitted + 1) as f64 / self.part - self.feed.schedule.due(time);
        now + self.feed.schedule.until(time, events).max(APART)
    }
}

impl Spout for Generated {
    type Id = Line;
    type Out = Emit<Line>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Line>, Line>) -> Result<Next> {
        if let Some((line, delivery)) = self.replays.pop_front() {
            out.redeliver(line.clone(), delivery).emit(line);
            return Ok(Next::Emitted);
        }
        if self.feed.is_over() {
            return Ok(Next::End);
        }
        let mut now = Instant::now();
        let mut due = self.due(now);
        while due == 0 {
            sleep_until(self.next_due(now)).await;
            now = Instant::now();
            due = self.due(now);
        }
        for _ in 0..due.min(out.room() as u64) {
            let Some(line) = self.feed.line() else { break };
            out.track(line.clone()).emit(line);
            self.emitted += 1;
        }
        Ok(Next::Emitted)
    }

    async fn failed(&mut self, line: Line, failure: Failure) {
        if !failure.permanent && failure.reason != Reason::Shutdown && failure.delivery.attempt < ATTEMPTS {
            self.replays.push_back((line, failure.delivery.after(failure.reason)));
        }
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.feed.schedule.rate() * self.part;
        f.debug_struct("Generated").field("rate", &rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use squall::{Options, Running};
    use squall_testkit::{Capture, advance, virtual_time};

    use super::*;
    use crate::{Bursts, GeneratorSettings};

    const SECOND: Duration = Duration::from_secs(1);

    /// Starts two tasks that share a feed.
    fn start(settings: &GeneratorSettings) -> (Running, Capture<Line>) {
        let feed = Feed::of(settings);
        let mut t = TopologyBuilder::new("generator");
        let open = async move |cx: &TaskContext| Ok(feed.spout(cx.tasks));
        let lines = t.spout_with("lines", open).tasks(2).output();
        let lines = Capture::of(&mut t, lines);
        (Running::start_here(&t.build().unwrap(), &Options::default()), lines)
    }

    #[test]
    fn events_come_as_often_as_is_said_and_faster_in_bursts() {
        virtual_time(async || {
            let bursts = Some(Bursts { every: 10 * SECOND, lasting: 2 * SECOND, rate: 1000 });
            let (_running, lines) =
                start(&GeneratorSettings { rate: 10, bursts, ..GeneratorSettings::default() });

            let mut counts = Vec::new();
            for seconds in [8, 1, 1, 8, 2] {
                advance(seconds * SECOND).await;
                counts.push(lines.tuples().len());
            }

            // What is due in the last twenty milliseconds may be on its way.
            let expected = [80, 1080, 2080, 2160, 4160];
            let is_so = |(count, expected): (&usize, usize)| (expected - 25..=expected).contains(count);
            assert!(counts.iter().zip(expected).all(is_so), "{counts:?}");
        });
    }

    #[test]
    fn what_was_not_emitted_in_a_pause_is_not_made_up_for() {
        virtual_time(async || {
            let (running, lines) = start(&GeneratorSettings { rate: 100, ..GeneratorSettings::default() });
            advance(SECOND).await;
            running.pause();
            advance(60 * SECOND).await;
            running.resume();
            advance(SECOND).await;

            assert!((150..=200).contains(&lines.tuples().len()), "{}", lines.tuples().len());
        });
    }

    #[test]
    fn it_ends_with_the_last_event() {
        virtual_time(async || {
            let (running, lines) =
                start(&GeneratorSettings { events: Some(777), ..GeneratorSettings::default() });

            running.wait().await.unwrap();

            let mut numbers: Vec<_> = lines.tuples().iter().map(|line| line.number).collect();
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(1..=777));
        });
    }
}
