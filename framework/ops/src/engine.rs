//! What this crate uses of the floors below, in one place.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub(crate) use squall_topology::{AdminSettings, Config, ConfigError, EngineSettings, Invalid, Plan};

/// Stands in for the report until the floor below has it.
#[derive(Debug, Default)]
pub struct Report;

/// Stands in for a running topology until the floor below has it.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    end: Arc<watch::Sender<bool>>,
}

/// Stands in for the status until the floor below has it.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Status {
    pub(crate) components: Vec<()>,
}

impl Running {
    pub(crate) fn start(plan: Plan, engine: &EngineSettings) -> Result<Self, String> {
        let _ = (plan, engine);
        Ok(Self { end: Arc::new(watch::Sender::new(false)) })
    }

    pub(crate) async fn wait(&self) -> Result<Report, String> {
        let mut end = self.end.subscribe();
        end.wait_for(|end| *end).await.map_err(|error| error.to_string())?;
        Ok(Report)
    }

    pub(crate) fn drain(&self, deadline: Duration) {
        let _ = deadline;
        self.end.send_replace(true);
    }

    pub(crate) fn kill(&self) {
        self.end.send_replace(true);
    }

    pub(crate) fn status(&self) -> Status {
        Status::default()
    }
}
