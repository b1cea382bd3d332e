//! Waits until a topology is over, with a bar on a terminal.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::path_of;
use crate::cli::Progress;
use crate::{Client, StartError, exit};

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// Waits until the topology is over.
///
/// # Errors
///
/// It failed, or nobody can be asked how it stands.
pub(super) fn until_over(client: &Client, topology: &str) -> Result<(), StartError> {
    let progress = Progress::new(format!("draining {topology}"), "roots done", 0);
    loop {
        let standing: Value = match client.get(&path_of(topology)) {
            // The process ends with its last topology.
            Err(error) if error.code() == exit::UNAVAILABLE => break Ok(()),
            answer => answer?,
        };
        let pending = standing.get("pending").and_then(Value::as_u64).unwrap_or_default();
        let most = progress.total().max(pending);
        progress.set_total(most);
        progress.is_at(most - pending);
        match standing.get("state").and_then(Value::as_str) {
            Some("ended") => break Ok(()),
            Some("failed") => break Err(StartError::failed(format!("`{topology}` failed"))),
            _ => thread::sleep(INTERVAL),
        }
    }
}
