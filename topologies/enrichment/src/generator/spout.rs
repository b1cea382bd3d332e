//! The spout that emits generated events at a steady rate.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use squall::prelude::*;
use squall_connect::ndjson::Line;
use tokio::time::{Instant, sleep_until};

use super::Generator;

/// Events are emitted in bursts, this far apart: fifty wake-ups a second, whatever the rate.
const BURST: Duration = Duration::from_millis(20);

/// What was not emitted for so long, under back-pressure or in a pause, is not made up for.
const BEHIND_MOST: Duration = Duration::from_secs(1);

/// How often an event is delivered before it counts as failed.
const ATTEMPTS: u32 = 3;

/// A feed of generated events that all tasks of a spout share, and that goes on when one of them is built again.
#[derive(Clone, Debug)]
pub struct Feed {
    state: Arc<Mutex<State>>,
    rate: NonZeroU32,
}

#[derive(Debug)]
struct State {
    generator: Generator,
    made: u64,
}

impl Feed {
    /// A feed of `rate` events a second, out of `seed`.
    pub fn new(seed: u64, rate: NonZeroU32) -> Self {
        let state = State { generator: Generator::new(seed), made: 0 };
        Self { state: Arc::new(Mutex::new(state)), rate }
    }

    /// The spout of one of `tasks` tasks, each of which emits its share of the rate.
    pub fn spout(&self, tasks: usize) -> Generated {
        let rate = f64::from(self.rate.get()) / tasks.max(1) as f64;
        Generated { feed: self.clone(), rate, since: None, emitted: 0, replays: VecDeque::new() }
    }

    fn event(&self) -> Line {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.made += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        Line::new(state.made, state.generator.event(micros))
    }
}

/// Emits the events of a [`Feed`], each a root of its own.
pub struct Generated {
    feed: Feed,
    /// Events a second.
    rate: f64,
    /// When the events that are counted below began.
    since: Option<Instant>,
    emitted: u64,
    replays: VecDeque<(Line, Delivery)>,
}

impl Generated {
    /// How many events are due.
    fn due(&mut self, now: Instant) -> u64 {
        let since = *self.since.get_or_insert(now);
        let wanted = ((now - since).as_secs_f64() * self.rate) as u64;
        let behind = wanted.saturating_sub(self.emitted);
        if behind as f64 > self.rate * BEHIND_MOST.as_secs_f64() {
            self.since = Some(now);
            self.emitted = 0;
            return 0;
        }
        behind
    }

    /// When the next event is due, or the next burst.
    fn next_burst(&self, now: Instant) -> Instant {
        let since = self.since.unwrap_or(now);
        let event = since + Duration::from_secs_f64((self.emitted + 1) as f64 / self.rate);
        event.max(now + BURST)
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
        let mut now = Instant::now();
        let mut due = self.due(now);
        while due == 0 {
            sleep_until(self.next_burst(now)).await;
            now = Instant::now();
            due = self.due(now);
        }
        for _ in 0..due.min(out.room() as u64) {
            let line = self.feed.event();
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
        f.debug_struct("Generated").field("rate", &self.rate).finish_non_exhaustive()
    }
}
