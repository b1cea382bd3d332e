//! What this crate uses of the floors below, in one place.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

#[allow(unreachable_pub)]
pub use config_placeholder::*;

/// Stands in for the plan until the floor below has it.
#[derive(Debug, Default)]
pub struct Plan;

impl Plan {
    pub(crate) fn component_names(&self) -> Vec<&str> {
        Vec::new()
    }

    pub(crate) fn configure(&mut self, settings: &TopologySettings) -> Result<(), String> {
        let _ = settings;
        Ok(())
    }

    pub(crate) fn to_dot(&self) -> String {
        "digraph topology {}\n".to_owned()
    }

    pub(crate) fn to_mermaid(&self) -> String {
        "flowchart LR\n".to_owned()
    }
}

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

mod config_placeholder {
    #![allow(missing_docs, unreachable_pub)]
    use std::net::SocketAddr;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    #[derive(Debug, Default)]
    pub struct Config;
    #[derive(Debug, thiserror::Error)]
    #[error("error: faults")]
    pub struct ConfigError;
    #[derive(Debug)]
    pub struct EngineSettings {
        pub data_dir: Option<PathBuf>,
        pub drain_deadline: Duration,
    }
    #[derive(Debug)]
    pub struct AdminSettings {
        pub listen: SocketAddr,
    }
    #[derive(Debug, Default)]
    pub struct TopologySettings;
    impl Default for EngineSettings {
        fn default() -> Self {
            Self { data_dir: None, drain_deadline: Duration::from_secs(30) }
        }
    }
    impl Default for AdminSettings {
        fn default() -> Self {
            Self { listen: SocketAddr::from(([127, 0, 0, 1], 8090)) }
        }
    }
    impl Config {
        pub fn load(
            _: Option<&Path>,
            _: impl IntoIterator<Item = (String, String)>,
            _: &[String],
        ) -> Result<Self, ConfigError> {
            Ok(Self)
        }
        pub fn section_or_default<T: Default>(&mut self, _: &str) -> T {
            T::default()
        }
        pub fn topology(&mut self, _: &str, _: &[&str]) -> Result<TopologySettings, ConfigError> {
            Ok(TopologySettings)
        }
        pub fn ignore(&mut self, _: &str) {}
        pub fn finish(&self) -> Result<(), ConfigError> {
            Ok(())
        }
    }
    pub fn environment() -> impl Iterator<Item = (String, String)> {
        std::iter::empty()
    }
}
