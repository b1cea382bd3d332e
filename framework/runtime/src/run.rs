//! [`run`]: a topology as the main job of a process.

use std::time::Duration;

use squall_topology::Plan;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{Failed, Options, Report, Running};

/// How long a drain that a signal asked for may take.
const DRAIN_DEADLINE: Duration = Duration::from_secs(30);

/// Runs a topology until all its spouts have ended. SIGTERM and SIGINT drain it; a second one
/// ends the process at once, with the exit code 128 + the number of the signal.
///
/// # Errors
///
/// A component could not be kept alive.
///
/// # Panics
///
/// Inside an async runtime: use [`Running::start`] and [`Running::wait`] there.
pub fn run(plan: Plan) -> Result<Report, Failed> {
    let failed = |error: std::io::Error| Failed::Threads { message: error.to_string() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let mut signals = Signals::listen().map_err(failed)?;
        let running = Running::start(plan, Options::default())?;
        let mut is_draining = false;
        loop {
            tokio::select! {
                outcome = running.wait() => return outcome,
                number = signals.next() => {
                    if is_draining {
                        // Asked twice: not even what blocks a thread is waited for.
                        std::process::exit(128 + number);
                    }
                    is_draining = true;
                    running.drain(DRAIN_DEADLINE);
                }
            }
        }
    })
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The number of the next signal.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}
