//! The panic hook: it notes where a task panicked, logs a few of these panics a second, and leaves all
//! others to the hook that was there before.

use std::{
    panic,
    sync::{Mutex, Once, PoisonError},
    time::{Duration, Instant},
};

/// Panics of tasks that are logged within a second. All are counted in the error log of their component.
const LOGGED: u32 = 5;

/// Installs the hook once a process.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !squall_core::is_caught_here() {
                return previous(info);
            }
            if let Some(location) = info.location() {
                squall_core::note_location(location.to_string());
            }
            if let Some(suppressed) = admit() {
                let what = info.to_string();
                let cut = what.floor_char_boundary(squall_core::ErrorLog::MESSAGE);
                let what = what.get(..cut).unwrap_or_default();
                tracing::error!(suppressed, "A task panicked and is rebuilt: {what}");
            }
        }));
    });
}

/// Lets a few through each second; says how many were not since the last one.
fn admit() -> Option<u64> {
    static WINDOW: Mutex<Option<Window>> = Mutex::new(None);
    let now = Instant::now();
    let mut window = WINDOW.lock().unwrap_or_else(PoisonError::into_inner);
    let window = window.get_or_insert(Window { began: now, logged: 0, suppressed: 0 });
    if now.duration_since(window.began) >= Duration::from_secs(1) {
        (window.began, window.logged) = (now, 0);
    }
    if window.logged == LOGGED {
        window.suppressed += 1;
        return None;
    }
    window.logged += 1;
    Some(std::mem::take(&mut window.suppressed))
}

struct Window {
    began: Instant,
    logged: u32,
    suppressed: u64,
}
