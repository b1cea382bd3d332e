//! The thread that renews the lease.

use std::sync::Weak;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;

use super::{Inner, Store};

/// Renewals in one lease: two may fail before it runs out.
const RENEWALS: u32 = 3;

/// Trials in one lease after one failed: when the database is back, this process is heard of before another one takes
/// it for dead.
const TRIALS: u32 = 20;

/// Renews the lease of a store until nobody has a handle to it.
pub(super) fn start(store: Weak<Inner>, lease: Duration) -> std::io::Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let keep = async move {
        loop {
            let Some(inner) = store.upgrade() else { return };
            let pause = match (Store { inner }).renew().await {
                Ok(()) => lease / RENEWALS,
                Err(error) => {
                    tracing::debug!(%error, "The lease of this process could not be renewed.");
                    lease / TRIALS
                }
            };
            tokio::time::sleep(pause).await;
        }
    };
    thread::Builder::new().name("squall-lease".to_owned()).spawn(move || runtime.block_on(keep))?;
    Ok(())
}
