//! The spout: when to look for occurrences that come soon.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use squall::{Emit, Next, Reason, Result, Spout, SpoutOutput};
use tokio::time::Instant;

use crate::store::Store;

/// How often to look: several times in the minute for which occurrences are made ahead.
const LOOK: Duration = Duration::from_secs(15);

/// How long to wait after a look that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Look now: which series are due, the rows tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look;

/// Says when to look: four times a minute, and at once when a series is stored or changed by this process.
pub struct DueSeries {
    store: Store,
    /// When to look next, unless somebody rings.
    looks_at: Instant,
}

impl DueSeries {
    /// Looks after the series of a store.
    pub fn new(store: Store) -> Self {
        Self { store, looks_at: Instant::now() }
    }
}

impl Spout for DueSeries {
    type Id = ();
    type Out = Emit<Look>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Look>, ()>) -> Result<Next> {
        tokio::select! {
            () = self.store.series_rung() => {}
            () = tokio::time::sleep_until(self.looks_at) => {}
        }
        self.looks_at = Instant::now() + LOOK;
        out.track(()).emit(Look);
        Ok(Next::Emitted)
    }

    async fn fail(&mut self, (): (), _: Reason) {
        self.looks_at = Instant::now() + PAUSE;
    }
}

impl std::fmt::Debug for DueSeries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueSeries").field("looks_at", &self.looks_at).finish_non_exhaustive()
    }
}
