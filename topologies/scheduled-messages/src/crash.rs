//! The places at which a test has the process killed.
//!
//! Only the feature `crash-points` makes something of them. With it, `SQUALL_CRASH_AT=begun:3` has the process kill
//! itself with SIGKILL when it passes the point `begun` for the third time: nothing is cleaned up, nothing is flushed.

/// A place in the life of a message at which a process may end. Of no effect without the feature `crash-points`.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn point(_label: &'static str) {}

/// A place in the life of a message at which a process may end.
#[cfg(feature = "crash-points")]
pub(crate) fn point(label: &'static str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    /// Where this process is to end, and how often it has passed there.
    struct End {
        label: String,
        pass: u64,
        passed: AtomicU64,
    }

    static END: LazyLock<Option<End>> = LazyLock::new(|| {
        let told = std::env::var("SQUALL_CRASH_AT").ok()?;
        let (label, pass) = told.split_once(':').unwrap_or((&told, "1"));
        Some(End { label: label.to_owned(), pass: pass.parse().ok()?, passed: AtomicU64::new(0) })
    });

    let Some(end) = END.as_ref().filter(|end| end.label == label) else { return };
    if end.passed.fetch_add(1, Ordering::Relaxed) + 1 == end.pass {
        let error = kill_process(getpid(), Signal::KILL);
        tracing::error!(?error, label, "The process should have ended here.");
    }
}
