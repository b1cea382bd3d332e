//! A clock that stands still while anybody has something to do: [`virtual_time`].

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use actix::System;
use tokio::{runtime, task, time};

/// Turns of the thread that are enough for everything due at one instant: a command passes through two
/// mailboxes, an outcome through one task.
const TURNS: usize = 128;

/// Runs a test on one thread whose clock is virtual: it stands still while any task can run, and jumps to
/// the next timer when none can. Hours pass in milliseconds, and always in the same way.
///
/// Start topologies with [`Running::start_here`](squall_runtime::Running::start_here).
///
/// ```
/// use std::time::Duration;
/// use squall_testkit::virtual_time;
/// use tokio::time::{Instant, sleep};
///
/// let passed = virtual_time(async || {
///     let began = Instant::now();
///     sleep(Duration::from_secs(3600)).await;
///     began.elapsed()
/// });
///
/// assert_eq!(passed, Duration::from_secs(3600));
/// ```
///
/// # Panics
///
/// The operating system refuses the runtime its resources, or the test panics.
pub fn virtual_time<T>(test: impl AsyncFnOnce() -> T) -> T {
    System::with_tokio_rt(paused_runtime).block_on(test())
}

fn paused_runtime() -> runtime::Runtime {
    let runtime = runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    #[expect(clippy::expect_used, reason = "a test without a runtime has nothing to say but this")]
    runtime.expect("a tokio runtime can be built")
}

/// Lets this much virtual time pass. Every timer on the way fires at its own instant, and what is due at
/// the last one has run when this returns.
///
/// ```
/// use std::{cell::Cell, rc::Rc, time::Duration};
/// use squall_testkit::{advance, virtual_time};
///
/// virtual_time(async || {
///     let beats = Rc::new(Cell::new(0));
///     let counter = Rc::clone(&beats);
///     tokio::task::spawn_local(async move {
///         loop {
///             tokio::time::sleep(Duration::from_secs(1)).await;
///             counter.set(counter.get() + 1);
///         }
///     });
///
///     advance(Duration::from_millis(2500)).await;
///     assert_eq!(beats.get(), 2);
/// });
/// ```
pub async fn advance(time: Duration) {
    time::sleep(time).await;
    for _ in 0..TURNS {
        task::yield_now().await;
    }
}

/// Moves the virtual clock without awaiting: code under test is as slow as if it had computed for so long.
///
/// ```
/// use std::time::Duration;
/// use squall_testkit::{virtual_time, work_for};
/// use tokio::time::Instant;
///
/// virtual_time(async || {
///     let began = Instant::now();
///     work_for(Duration::from_millis(7));
///     assert_eq!(began.elapsed(), Duration::from_millis(7));
/// });
/// ```
///
/// # Panics
///
/// Outside of [`virtual_time`].
pub fn work_for(time: Duration) {
    // The first poll moves the clock; what would follow is a turn for other tasks.
    let advance = pin!(time::advance(time));
    let turn = advance.poll(&mut Context::from_waker(Waker::noop()));
    debug_assert!(turn.is_pending(), "tokio yields behind the advance");
}
