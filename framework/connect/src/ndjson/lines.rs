//! The spout that emits the lines of an input.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use squall_core::{Delivery, Emit, Error, Failure, Next, Reason, Result, Spout, SpoutOutput};
use squall_derive::Outputs;
use tokio::time::{Instant, sleep_until};

use super::line::{Line, Unreadable};
use super::progress::Progress;
use super::reading::{Reading, Step};
use super::source::{Shared, State};

/// Bytes of lines under way: lines are kept until they are done, and a thousand long ones are a gigabyte.
pub(super) const BYTES_UNDER_WAY: usize = 32 * 1024 * 1024;

/// The pause before the second delivery of a line; it doubles with every further one.
const REPLAY_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause before a further delivery.
const REPLAY_PAUSE_MOST: Duration = Duration::from_secs(5);

/// The streams of [`Lines`].
#[derive(Debug, Outputs)]
#[squall(crate = "squall_core")]
pub struct LinesOut {
    /// Lines of text that have something in them.
    pub lines: Emit<Line>,
    /// Lines that are too long or not UTF-8.
    pub unreadable: Emit<Unreadable>,
}

/// Emits the lines of a [`LineSource`](super::LineSource), each with its number.
///
/// Every line is a root of its own: a failure says which line it was, and one attempt more repeats no line that
/// was done. (A root of many lines would cost less, and repeat all of them.) A line that failed is delivered again
/// after a pause, up to the attempts of its source; then it counts as failed, and
/// [`Progress`](super::Progress) has its number. A permanent failure is not tried again.
///
/// The spout ends when the input has ended and every line has its outcome. If the input cannot be read to its end,
/// if [`halt`](super::LineSource::halt) was called, or if a line failed for good, it ends the topology with an error
/// that says so.
///
/// Memory is bounded by `max_pending` and by [the bytes of lines under way](super::LineSource::under_way).
pub struct Lines {
    /// `None` in a task that has no input.
    work: Option<Box<Work>>,
    attempts: u32,
    /// The bytes of lines that may be under way.
    most_bytes: usize,
    shared: Arc<Shared>,
}

/// What one spout leaves to the next that is built in its place.
pub(super) struct Work {
    reading: Reading,
    /// Lines that were emitted and have no outcome yet.
    under_way: usize,
    /// Bytes of those and of the ones that wait for another delivery.
    bytes: usize,
    replays: VecDeque<Replay>,
    /// The numbers of the lines that were read and are not done.
    open: BTreeSet<u64>,
    /// The number of the last line that was read.
    last: u64,
}

struct Replay {
    due: Instant,
    line: Tracked,
    delivery: Delivery,
}

/// What a root of [`Lines`] stands for: kept until the root is done, for another delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked(Result<Line, Unreadable>);

impl Tracked {
    /// The number of the line, from 1.
    pub fn number(&self) -> u64 {
        self.0.as_ref().map_or_else(|unreadable| unreadable.number, |line| line.number)
    }

    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |line| line.text().len())
    }
}

impl Work {
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading, under_way: 0, bytes: 0, replays: VecDeque::new(), open: BTreeSet::new(), last: 0 }
    }

    /// Emits a line that was read, for the first time.
    fn emit_first(&mut self, line: Tracked, progress: &Progress, out: &mut Out) {
        progress.read(line.0.is_ok());
        self.bytes += line.bytes();
        self.last = line.number();
        self.open.insert(self.last);
        self.emit(line, Delivery::first(), out);
    }

    fn emit(&mut self, line: Tracked, delivery: Delivery, out: &mut Out) {
        self.under_way += 1;
        let root = out.redeliver(line.clone(), delivery);
        match line.0 {
            Ok(line) => root.lines.emit(line),
            Err(unreadable) => root.unreadable.emit(unreadable),
        }
    }

    /// A line has its outcome.
    fn settled(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// A line is done. Returns the number of the last one before which all are.
    fn done(&mut self, number: u64) -> u64 {
        self.open.remove(&number);
        self.open.first().map_or(self.last, |first| first.saturating_sub(1))
    }

    /// Emits the lines whose pause is over, as far as there is room.
    fn emit_replays(&mut self, progress: &Progress, out: &mut Out) -> bool {
        let now = Instant::now();
        let before = self.replays.len();
        while out.room() > 0 {
            let Some(at) = self.replays.iter().position(|replay| replay.due <= now) else { break };
            let Some(Replay { line, delivery, .. }) = self.replays.remove(at) else { break };
            progress.replayed();
            self.emit(line, delivery, out);
        }
        self.replays.len() < before
    }

    /// Waits for the next line of the input; `None` if a line is to be delivered again before.
    async fn step(&mut self, has_ended: bool) -> Option<Step> {
        let Some(due) = self.replays.iter().map(|replay| replay.due).min() else {
            return Some(self.reading.step().await);
        };
        if has_ended {
            sleep_until(due).await;
            return None;
        }
        tokio::select! {
            biased;
            () = sleep_until(due) => None,
            step = self.reading.step() => Some(step),
        }
    }
}

type Out = SpoutOutput<LinesOut, Tracked>;

impl Lines {
    pub(super) fn new(
        work: Option<Box<Work>>,
        (attempts, most_bytes): (u32, usize),
        shared: Arc<Shared>,
    ) -> Self {
        Self { work, attempts, most_bytes, shared }
    }
}

impl Spout for Lines {
    type Id = Tracked;
    type Out = LinesOut;

    async fn next(&mut self, out: &mut Out) -> Result<Next> {
        let progress = &self.shared.progress;
        let Some(work) = &mut self.work else { return Ok(Next::End) };
        if let Some(why) = progress.halted() {
            return Err(Error::permanent(why));
        }
        if work.emit_replays(progress, out) {
            return Ok(Next::Emitted);
        }
        if work.bytes >= self.most_bytes && work.under_way > 0 {
            // An outcome makes room, and drops this future.
            future::pending::<()>().await;
        }
        if progress.ended() && work.replays.is_empty() {
            return end(work.under_way, progress).await;
        }
        match work.step(progress.ended()).await {
            None => return Ok(Next::Emitted),
            Some(Step::Line(line)) => work.emit_first(Tracked(line), progress, out),
            Some(Step::End { blank, last }) => {
                progress.end(blank, last);
                return Ok(Next::Emitted);
            }
            Some(Step::Broken(why)) => {
                progress.halt(why.clone());
                return Err(Error::permanent(why));
            }
        }
        // The rest of what was read needs no waiting.
        while out.room() > 0 && work.bytes < self.most_bytes {
            let Some(line) = work.reading.try_line() else { break };
            work.emit_first(Tracked(line), progress, out);
        }
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, line: Tracked) {
        if let Some(work) = &mut self.work {
            work.settled();
            work.bytes = work.bytes.saturating_sub(line.bytes());
            self.shared.progress.acked(work.done(line.number()));
        }
    }

    async fn failed(&mut self, line: Tracked, failure: Failure) {
        let Some(work) = &mut self.work else { return };
        work.settled();
        let hopeless = failure.permanent || failure.reason == Reason::Shutdown;
        if hopeless || failure.delivery.attempt >= self.attempts {
            work.bytes = work.bytes.saturating_sub(line.bytes());
            self.shared.progress.gave_up(line.number(), failure.reason);
            return;
        }
        let delivery = failure.delivery.after(failure.reason);
        let pause = REPLAY_PAUSE.saturating_mul(1 << (failure.delivery.attempt - 1).min(16));
        let due = Instant::now() + pause.min(REPLAY_PAUSE_MOST);
        work.replays.push_back(Replay { due, line, delivery });
    }

    async fn close(&mut self) {
        let Some(work) = &mut self.work else { return };
        for replay in work.replays.drain(..) {
            self.shared.progress.gave_up(replay.line.number(), Reason::Shutdown);
        }
    }
}

/// Nothing is left to emit, unless a line that is under way fails.
async fn end(under_way: usize, progress: &Progress) -> Result<Next> {
    if progress.failed() == 0 {
        return Ok(Next::End);
    }
    if under_way > 0 {
        // The next outcome drops this future.
        future::pending::<()>().await;
    }
    Err(Error::permanent(progress.failure()))
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            *self.shared.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Returned(work);
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let under_way = self.work.as_ref().map(|work| work.under_way);
        f.debug_struct("Lines").field("under_way", &under_way).finish_non_exhaustive()
    }
}
