//! Wakes the source for each tuple that falls due.

use std::{
    io,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use tokio::sync::Notify;

use super::Schedule;

/// A thread that sleeps until the next tuple is due, and tells.
///
/// The timers of the runtime tick once a millisecond; the sleep of a thread ends within some 60 µs. The thread ends
/// with the metronome, at its next beat.
#[derive(Debug)]
pub(super) struct Metronome {
    beat: Arc<Notify>,
}

impl Metronome {
    pub(super) fn start(schedule: Schedule) -> io::Result<Self> {
        let beat = Arc::new(Notify::new());
        let listener = Arc::downgrade(&beat);
        thread::Builder::new().name("metronome".into()).spawn(move || tick(schedule, &listener))?;
        Ok(Self { beat })
    }

    /// Waits for the next beat, or returns at once if there was one since the last call.
    pub(super) async fn beat(&self) {
        self.beat.notified().await;
    }
}

fn tick(schedule: Schedule, listener: &Weak<Notify>) {
    while let Some(beat) = listener.upgrade() {
        beat.notify_one();
        drop(beat);
        let next = schedule.due(schedule.due_by_now());
        thread::sleep(Duration::from_nanos(next.saturating_sub(schedule.elapsed())));
    }
}
