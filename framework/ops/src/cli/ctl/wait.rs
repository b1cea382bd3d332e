//! Waits until a topology is over, with a bar on a terminal.

use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::path_of;
use crate::{Client, StartError, exit};

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// Waits until the topology is over.
///
/// # Errors
///
/// It failed, or nobody can be asked how it stands.
pub(super) fn until_over(client: &Client, topology: &str) -> Result<(), StartError> {
    // It is drawn on standard error, and not at all where that is no terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} roots done, {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(format!("draining {topology}"));
    let end = loop {
        let standing: Value = match client.get(&path_of(topology)) {
            // The process ends with its last topology.
            Err(error) if error.code() == exit::UNAVAILABLE => break Ok(()),
            answer => answer?,
        };
        let pending = standing.get("pending").and_then(Value::as_u64).unwrap_or_default();
        let most = bar.length().unwrap_or_default().max(pending);
        bar.set_length(most);
        bar.set_position(most - pending);
        match standing.get("state").and_then(Value::as_str) {
            Some("ended") => break Ok(()),
            Some("failed") => break Err(StartError::failed(format!("`{topology}` failed"))),
            _ => thread::sleep(INTERVAL),
        }
    };
    bar.finish_and_clear();
    end
}
