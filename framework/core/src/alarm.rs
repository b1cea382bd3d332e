//! [`Alarm`]: one instant at which a task must be up.

use std::{
    fmt,
    task::{Context, Poll, ready},
    time::Instant,
};

use crate::host::{Host, LocalFuture};

/// Rings at an instant, if one is set.
#[derive(Default)]
pub(crate) struct Alarm {
    at: Option<Instant>,
    timer: Option<LocalFuture<'static, ()>>,
}

impl Alarm {
    pub(crate) fn set(&mut self, at: Option<Instant>) {
        if self.at != at {
            self.at = at;
            self.timer = None;
        }
    }

    /// Ready from the instant on, until another one is set.
    pub(crate) fn poll(&mut self, host: &dyn Host, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        while host.now() < at {
            let timer = self.timer.get_or_insert_with(|| host.sleep_until(at));
            ready!(timer.as_mut().poll(cx));
            // It may have been early.
            self.timer = None;
        }
        Poll::Ready(())
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm").field("at", &self.at).finish_non_exhaustive()
    }
}
