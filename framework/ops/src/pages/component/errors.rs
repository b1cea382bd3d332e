//! The errors of a component, grouped by what was said.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use squall_runtime::{ComponentStatus, ErrorStatus};

use crate::show::{Count, Seconds};

/// A kind of error.
pub(super) struct Error {
    pub(super) message: String,
    pub(super) count: Count,
    pub(super) first: Instant,
    pub(super) last: Instant,
    pub(super) task: usize,
}

/// When something was, for people and for programs.
pub(super) struct Instant {
    pub(super) at: String,
    pub(super) ago: Seconds,
}

/// The newest first.
pub(super) fn all(status: &ComponentStatus) -> Vec<Error> {
    let mut errors: Vec<&ErrorStatus> = status.errors.iter().collect();
    errors.sort_by(|one, other| other.last.total_cmp(&one.last));
    let shown = errors.into_iter().map(|error| Error {
        message: error.message.clone(),
        count: Count(error.count),
        first: instant(error.first),
        last: instant(error.last),
        task: error.task,
    });
    shown.collect()
}

fn instant(seconds: f64) -> Instant {
    let at = UNIX_EPOCH + Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let ago = SystemTime::now().duration_since(at).unwrap_or_default();
    Instant { at: humantime::format_rfc3339_seconds(at).to_string(), ago: Seconds(ago.as_secs_f64().round()) }
}
