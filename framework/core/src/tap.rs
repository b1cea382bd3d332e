//! [`Tap`]: samples of what a component emits, while it runs.
//!
//! The tasks of a component share its [`Taps`]. While nobody looks, a flush costs them one relaxed load; a tap
//! that is read too slowly is given fewer samples, and no tuple waits for it.

mod sample;

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::Instant,
};

use serde::Serialize;

pub use sample::Tapped;

/// The taps of one component. Its tasks hand over samples here, from whatever thread.
pub struct Taps {
    component: Arc<str>,
    streams: &'static [&'static str],
    /// How many are open: all that is asked while there are none.
    open: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    readers: Vec<Arc<Reader>>,
    /// Nothing will be emitted any more.
    is_over: bool,
}

/// What stands between the tasks and one tap.
struct Reader {
    /// Of this stream only.
    stream: Option<usize>,
    queue: Mutex<Queue>,
}

struct Queue {
    samples: VecDeque<Tapped>,
    waker: Option<Waker>,
    is_over: bool,
    /// Samples a second; also the most that may be taken at once.
    rate: f64,
    /// Samples that may be taken now, as of the last grant.
    allowed: f64,
    granted: Option<Instant>,
}

impl Taps {
    /// Samples that wait for a reader; while there are as many, none is taken.
    pub const WAITING: usize = 256;

    /// The taps of this component, none so far.
    pub fn new(component: Arc<str>, streams: &'static [&'static str]) -> Self {
        Self { component, streams, open: AtomicUsize::new(0), state: Mutex::default() }
    }

    /// The names of the streams of the component, by number.
    pub fn streams(&self) -> &'static [&'static str] {
        self.streams
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// Opens one, of the stream with this number or of all, for at most so many samples a second, and at least
    /// one.
    pub fn open(self: &Arc<Self>, stream: Option<usize>, rate_per_s: u32) -> Tap {
        let rate = f64::from(rate_per_s.max(1));
        let mut state = lock(&self.state);
        let (samples, is_over) = (VecDeque::new(), state.is_over);
        let queue = Queue { samples, waker: None, is_over, rate, allowed: rate, granted: None };
        let reader = Arc::new(Reader { stream, queue: Mutex::new(queue) });
        state.readers.push(Arc::clone(&reader));
        self.open.store(state.readers.len(), Relaxed);
        Tap { taps: Arc::clone(self), reader }
    }

    /// The topology is over: taps end when what waits is read.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.is_over = true;
        let readers = state.readers.clone();
        drop(state);
        for reader in readers {
            let mut queue = lock(&reader.queue);
            queue.is_over = true;
            queue.wake();
        }
    }

    fn remove(&self, reader: &Arc<Reader>) {
        let mut state = lock(&self.state);
        state.readers.retain(|other| !Arc::ptr_eq(other, reader));
        self.open.store(state.readers.len(), Relaxed);
    }

    /// Takes samples of tuples that a task is about to hand over.
    #[cold]
    fn sample<T: Serialize>(&self, stream: usize, task: usize, tuples: &[T], now: Instant) {
        let readers = lock(&self.state).readers.clone();
        for reader in readers.iter().filter(|reader| reader.stream.is_none_or(|only| only == stream)) {
            let granted = lock(&reader.queue).grant(tuples.len(), now);
            let step = tuples.len() / granted.max(1);
            for tuple in tuples.iter().step_by(step.max(1)).take(granted) {
                let name = self.streams.get(stream).copied().unwrap_or_default();
                // `Serialize` is user code, and takes its time: no lock is held.
                let sample = Tapped::of(tuple, &self.component, task, name);
                lock(&reader.queue).push(sample);
            }
        }
    }
}

impl fmt::Debug for Taps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taps").field("component", &self.component).field("open", &self.count()).finish()
    }
}

impl Queue {
    /// How many of `tuples` may be taken: what the rate allows and the queue has room for.
    fn grant(&mut self, tuples: usize, now: Instant) -> usize {
        let since = self.granted.replace(now).map(|before| now.saturating_duration_since(before));
        let earned = since.unwrap_or_default().as_secs_f64() * self.rate;
        self.allowed = (self.allowed + earned).min(self.rate);
        let room = Taps::WAITING.saturating_sub(self.samples.len());
        let granted = (self.allowed as usize).min(room).min(tuples);
        self.allowed -= granted as f64;
        granted
    }

    fn push(&mut self, sample: Tapped) {
        if self.samples.len() < Taps::WAITING {
            self.samples.push_back(sample);
            self.wake();
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Samples of what a component emits. Dropping it ends it.
///
/// `Running::tap` makes one. It never holds the topology up: what is emitted while 256 samples wait, or beyond its
/// rate, is not sampled.
pub struct Tap {
    taps: Arc<Taps>,
    reader: Arc<Reader>,
}

impl Tap {
    /// The next sample, in the order in which they were taken; `None` when the topology is over. Works on any
    /// executor, and nothing is lost if it is dropped while it waits.
    pub async fn next(&mut self) -> Option<Tapped> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`next`](Self::next) for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Tapped>> {
        let mut queue = lock(&self.reader.queue);
        if let Some(sample) = queue.samples.pop_front() {
            return Poll::Ready(Some(sample));
        }
        if queue.is_over {
            return Poll::Ready(None);
        }
        queue.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.taps.remove(&self.reader);
        drop(mem::take(&mut lock(&self.reader.queue).samples));
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("component", &self.taps.component).finish_non_exhaustive()
    }
}

/// The taps as one output stream of a task knows them.
pub(crate) struct TapPoint {
    taps: Arc<Taps>,
    stream: usize,
}

impl TapPoint {
    pub(crate) fn new(taps: Arc<Taps>, stream: usize) -> Self {
        Self { taps, stream }
    }

    /// Shows what is about to be handed over to whoever looks.
    #[inline]
    pub(crate) fn show<T: Serialize>(&self, task: usize, tuples: &[T], now: Instant) {
        if self.taps.count() > 0 {
            self.taps.sample(self.stream, task, tuples, now);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::time::Duration;

    use super::*;

    fn taps() -> Arc<Taps> {
        Arc::new(Taps::new("words".into(), &["default", "rejects"]))
    }

    fn taken(tap: &mut Tap) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut texts = Vec::new();
        while let Poll::Ready(Some(sample)) = tap.poll_next(&mut cx) {
            texts.push(sample.tuple);
        }
        texts
    }

    #[test]
    fn the_rate_bounds_the_samples() {
        let taps = taps();
        let mut tap = taps.open(None, 4);
        let now = Instant::now();
        let tuples: Vec<u32> = (0..8).collect();

        taps.sample(0, 0, &tuples, now);
        assert_eq!(taken(&mut tap), ["0", "2", "4", "6"], "spread over the batch");
        taps.sample(0, 0, &tuples, now + Duration::from_millis(499));
        assert_eq!(taken(&mut tap), ["0"]);
        taps.sample(0, 0, &tuples, now + Duration::from_secs(3600));
        assert_eq!(taken(&mut tap).len(), 4, "what was not used is not saved up");
    }

    #[test]
    fn a_reader_that_does_not_read_is_given_no_more() {
        let taps = taps();
        let mut tap = taps.open(None, 1_000_000);
        let tuples = [7_u32; 100];
        for _ in 0..5 {
            taps.sample(0, 0, &tuples, Instant::now());
        }
        assert_eq!(taken(&mut tap).len(), Taps::WAITING);
    }

    #[test]
    fn a_tap_of_one_stream_shows_no_other() {
        let taps = taps();
        let mut tap = taps.open(Some(1), 10);
        taps.sample(0, 0, &["accepted"], Instant::now());
        taps.sample(1, 0, &["refused"], Instant::now());
        assert_eq!(taken(&mut tap), ["\"refused\""]);
    }

    #[test]
    fn a_dropped_tap_is_no_more() {
        let taps = taps();
        let (one, other) = (taps.open(None, 1), taps.open(None, 1));
        assert_eq!(taps.count(), 2);
        drop(one);
        assert_eq!(taps.count(), 1);
        drop(other);
        assert_eq!(taps.count(), 0);
    }
}
