//! [`TokioHost`]: tokio's clock, timer and cooperative budget, as the run loops want them.

use std::{
    rc::Rc,
    task::{Context, Poll, ready},
    time::Instant,
};

use squall_core::{Host, LocalFuture};
use tokio::{task::coop, time};

/// The host of tasks on an arbiter. Under a paused tokio clock its time is virtual.
#[derive(Debug)]
pub(crate) struct TokioHost {
    is_own_thread: bool,
}

impl TokioHost {
    pub(crate) fn of(is_own_thread: bool) -> Rc<dyn Host> {
        Rc::new(Self { is_own_thread })
    }
}

impl Host for TokioHost {
    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }

    fn sleep_until(&self, at: Instant) -> LocalFuture<'static, ()> {
        Box::pin(time::sleep_until(at.into()))
    }

    fn poll_budget(&self, cx: &mut Context<'_>) -> Poll<()> {
        let budget = ready!(coop::poll_proceed(cx));
        budget.made_progress();
        Poll::Ready(())
    }

    fn is_own_thread(&self) -> bool {
        self.is_own_thread
    }
}
