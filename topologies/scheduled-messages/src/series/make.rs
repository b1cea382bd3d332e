//! The bolt: messages out of series.

use std::time::Duration;

use squall::{Bolt, Output, Result};
use tokio::time::Instant;

use super::Look;
use crate::store::Store;
use crate::when;

/// Makes messages of the occurrences that come soon, and follows the time zone database.
///
/// What it makes are rows, which the spout of messages finds as it does all others. Any number of processes may do so at
/// once: an occurrence is made by one of them.
#[derive(Debug)]
pub struct MakeMessages {
    store: Store,
    /// When to see whether there is a new edition of the time zone database.
    reads_at: Instant,
}

/// How often to see whether there is one.
const READ: Duration = Duration::from_secs(3600);

impl MakeMessages {
    /// Makes what the series of a store want.
    pub fn new(store: Store) -> Self {
        Self { store, reads_at: Instant::now() }
    }
}

impl Bolt for MakeMessages {
    type In = Look;
    type Out = ();

    async fn execute(&mut self, Look: Look, _: &mut Output<()>) -> Result<()> {
        if self.reads_at <= Instant::now() {
            // First: what is made next is made by the new rules.
            self.store.follow_zones(&when::edition()).await?;
            self.reads_at = Instant::now() + READ;
        }
        while self.store.make_series().await?.is_partial {}
        Ok(())
    }
}
