//! How whoever writes a row tells the spout that it is wanted earlier than the spout knows.

use std::sync::Mutex;

use jiff::Timestamp;
use tokio::sync::Notify;

/// The earliest instant that was written since the spout looked, and a bell.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    earliest: Mutex<Option<Timestamp>>,
    bell: Notify,
}

impl Wake {
    /// Says that a row now wants to be looked at at `at`.
    pub(crate) fn ring(&self, at: Timestamp) {
        let mut earliest = self.earliest.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *earliest = Some(earliest.map_or(at, |known| known.min(at)));
        drop(earliest);
        self.bell.notify_one();
    }

    /// Takes what was rung.
    pub(crate) fn take(&self) -> Option<Timestamp> {
        self.earliest.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
    }

    /// Waits for the bell; one ring is kept while nobody waits.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}
