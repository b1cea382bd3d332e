//! What operators see of the past is kept in the data directory, if the process has one.

use std::time::Duration;

use tracing::warn;

use super::Host;
use crate::StartError;
use crate::store::{Keeper, Store};

impl Host<'_> {
    /// Goes on with what was kept, and keeps more.
    ///
    /// A process whose topologies need no data directory has one only if it was named. What cannot be kept is no reason
    /// not to start: it is in memory then, and the log says so.
    pub(super) fn keep(&mut self) {
        let is_named = self.settings.names_data_dir(&self.loaded.engine);
        if !self.settings.data_dir.is_open() && !is_named {
            return;
        }
        match self.keeper() {
            Ok(keeper) => self.keeper = Some(keeper),
            Err(reason) => warn!(%reason, "Alerts and numbers are kept in memory only."),
        }
    }

    fn keeper(&mut self) -> Result<Keeper, StartError> {
        if !self.settings.data_dir.is_open() {
            // Nobody needs it so much that the start should wait for it.
            self.settings.data_dir.set_patience(Duration::ZERO);
        }
        let path = self.settings.data_dir.open()?.to_owned();
        let alerts = self.lookout.alerts();
        let opened = self.settings.system.block_on(async {
            let store = Store::open(&path).await?;
            let kept = store.alerts().await?;
            Ok::<_, squall_connect::sql::Error>((store, kept))
        });
        let (store, kept) = opened.map_err(StartError::unavailable)?;
        alerts.go_on(kept, store.clone());
        Keeper::start(store, &self.lookout).map_err(StartError::failed)
    }
}
