//! The watchdog: an OS thread that finds calls of user code that keep their thread.
//!
//! A task that computes for ever, or blocks, cannot be asked anything: its whole thread is silent. But its
//! [`pulse`](squall_core::TaskProbe::pulse) stays odd and the same. The watchdog reads the pulses, and tells
//! the supervisor before a limit is over, as long as it gets a core in time itself.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Weak, mpsc},
    thread,
    time::{Duration, Instant},
};

use actix::Addr;
use squall_core::Life;

use crate::{
    shared::Shared,
    supervisor::{Stuck, Supervisor},
    wiring::LiveTask,
};

/// The watchdog looks this often within the shortest limit.
const LOOKS: u32 = 16;
const LOOK_LEAST: Duration = Duration::from_millis(1);
const LOOK_MOST: Duration = Duration::from_secs(1);

/// Dropped with the topology, it ends the watchdog.
#[derive(Debug)]
pub(crate) struct Leash(#[expect(dead_code, reason = "its end is all it says")] mpsc::Sender<()>);

/// Starts the watchdog of a topology.
///
/// # Errors
///
/// The operating system refuses the thread.
pub(crate) fn start(shared: &Arc<Shared>, supervisor: Addr<Supervisor>) -> io::Result<()> {
    let (leash, is_over) = mpsc::channel();
    shared.leash(Leash(leash));
    let shared = Arc::downgrade(shared);
    let thread = thread::Builder::new().name("squall-watchdog".to_owned());
    thread.spawn(move || watch(&shared, &supervisor, &is_over)).map(drop)
}

fn watch(shared: &Weak<Shared>, supervisor: &Addr<Supervisor>, is_over: &mpsc::Receiver<()>) {
    let mut seen = HashMap::new();
    let mut pause = LOOK_LEAST;
    let mut looked = Instant::now();
    while is_over.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
        let Some(shared) = shared.upgrade() else { return };
        let passed = counted(looked.elapsed(), pause);
        looked = Instant::now();
        let limits = shared.limits();
        let shortest = limits.iter().min().copied().unwrap_or(LOOK_MOST);
        pause = (shortest / LOOKS).clamp(LOOK_LEAST, LOOK_MOST);
        let mut next = HashMap::new();
        for task in shared.watched() {
            let limit = limits.get(task.id.component).copied().unwrap_or(Duration::MAX);
            let (life, sight) = look(&task, &seen, passed);
            // Named before the limit is over, unless the looks come late: the next one may come a pause later.
            if sight.kept() + 2 * pause >= limit {
                supervisor.do_send(Stuck { task, limit });
            } else {
                next.insert(life, sight);
            }
        }
        seen = next;
    }
}

/// The longest that a thread waits for a core on a machine that is busy and well.
const LATE: Duration = Duration::from_millis(50);

/// How much of the time since the last look counts. A watchdog that was kept from looking has most likely company: while
/// the whole process stood still no task kept its thread.
fn counted(passed: Duration, pause: Duration) -> Duration {
    passed.min(pause + pause.max(LATE))
}

/// A task's pulse, and for how long it has been the same.
#[derive(Clone, Copy)]
struct Sight {
    pulse: u64,
    same_for: Duration,
}

impl Sight {
    /// How long the task has kept its thread.
    fn kept(self) -> Duration {
        let is_in_call = self.pulse % 2 == 1;
        if is_in_call { self.same_for } else { Duration::ZERO }
    }
}

fn look(task: &LiveTask, seen: &HashMap<Life, Sight>, passed: Duration) -> (Life, Sight) {
    let life = task.id.life;
    let pulse = task.probe.counters.pulse();
    let same_for = match seen.get(&life) {
        Some(sight) if sight.pulse == pulse => sight.same_for + passed,
        _ => Duration::ZERO,
    };
    (life, Sight { pulse, same_for })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_stood_still_holds_nobody_for_stuck() {
        let pause = Duration::from_millis(10);

        assert_eq!(counted(Duration::from_millis(45), pause), Duration::from_millis(45));
        assert_eq!(counted(Duration::from_secs(3), pause), Duration::from_millis(60));
    }
}
