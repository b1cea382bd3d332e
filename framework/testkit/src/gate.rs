//! [`Gate`]: where stalled mocks wait.

use tokio::sync::watch;

/// Closed until it is opened, once and for all who wait.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<bool>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it is open.
    pub(crate) async fn pass(&self) {
        // The sender lives in `self`, so the channel cannot close meanwhile.
        drop(self.0.subscribe().wait_for(|open| *open).await);
    }
}
