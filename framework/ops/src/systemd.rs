//! What systemd is told, if it started the process with `Type=notify`.

use std::fmt;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tracing::debug;

/// Says that the process lives, as often as systemd wants to hear it (`WatchdogSec=`).
pub(crate) struct Watchdog {
    /// Half of the time after which systemd gives the process up.
    half: Duration,
    /// When it was said last.
    last: Option<Instant>,
    say: Box<dyn FnMut() + Send>,
}

impl Watchdog {
    /// The one that systemd asks for; none if it does not.
    pub(crate) fn asked_for() -> Option<Self> {
        let half = sd_notify::watchdog_enabled()? / 2;
        Some(Self::new(half, || tell(&[NotifyState::Watchdog])))
    }

    pub(crate) fn new(half: Duration, say: impl FnMut() + Send + 'static) -> Self {
        Self { half, last: None, say: Box::new(say) }
    }

    /// The process lives; says so, unless the next call, which comes after `period`, is early enough.
    pub(crate) fn alive(&mut self, now: Instant, period: Duration) {
        if self.last.is_none_or(|last| now + period > last + self.half) {
            self.last = Some(now);
            (self.say)();
        }
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").field("half", &self.half).field("last", &self.last).finish_non_exhaustive()
    }
}

/// Everything runs, also after a reload.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is read again; [`ready`] follows, whatever becomes of it.
pub(crate) fn reloading() {
    let Ok(now) = NotifyState::monotonic_usec_now() else { return };
    tell(&[NotifyState::Reloading, now]);
}

/// The process is on its way to the end.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Without systemd there is nobody to tell.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!(%error, "Systemd cannot be told.");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;

    #[test]
    fn it_is_said_at_half_the_time_at_the_latest() {
        let second = Duration::from_secs(1);
        let begun = Instant::now();
        for (half, expected) in [(15, 5), (2, 31), (1, 61)] {
            let said = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&said);
            let mut watchdog = Watchdog::new(second * half, move || {
                count.fetch_add(1, Relaxed);
            });

            (0..=60).for_each(|round| watchdog.alive(begun + second * round, second));

            assert_eq!(said.load(Relaxed), expected, "{half} s");
        }
    }
}
