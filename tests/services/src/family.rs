//! [`Family`]: all processes of one server.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How often a state that no event tells of is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// How long the kernel may take to end or stop processes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The processes whose working directory lies in a folder. PostgreSQL gives each of its processes a session of its
/// own, so neither a group nor a session holds them together; the folder does.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    folder: PathBuf,
}

impl Family {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()) }
    }

    /// Those that live now, in the order in which they began as far as their ids tell.
    pub(crate) fn pids(&self) -> Vec<Pid> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut pids: Vec<i32> = processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| {
                let at = fs::read_link(format!("/proc/{pid}/cwd"));
                at.is_ok_and(|at| at.starts_with(&self.folder))
            })
            .collect();
        pids.sort_unstable();
        pids.into_iter().filter_map(Pid::from_raw).collect()
    }

    /// Sends `signal` to all.
    pub(crate) fn signal(&self, signal: Signal) {
        for pid in self.pids() {
            send(pid, signal);
        }
    }

    /// Stops all where they are, and returns when they stand.
    ///
    /// # Panics
    ///
    /// If some still run after 20 s.
    pub(crate) fn freeze(&self) {
        self.until("be stopped", |pids| {
            let running: Vec<&Pid> = pids.iter().filter(|pid| !stands(**pid)).collect();
            for pid in &running {
                send(**pid, Signal::STOP);
            }
            running.is_empty()
        });
    }

    /// Ends all with SIGKILL, and returns when they are gone.
    ///
    /// # Panics
    ///
    /// If some still live after 20 s.
    pub(crate) fn kill(&self) {
        self.until("be killed", |pids| {
            for pid in pids {
                send(*pid, Signal::KILL);
            }
            pids.is_empty()
        });
    }

    /// Waits until all have ended by themselves; whether they have, within `patience`.
    pub(crate) fn gone_within(&self, patience: Duration) -> bool {
        let start = Instant::now();
        while !self.pids().is_empty() {
            if start.elapsed() > patience {
                return false;
            }
            thread::sleep(LOOK);
        }
        true
    }

    fn until(&self, what: &str, mut done: impl FnMut(&[Pid]) -> bool) {
        let start = Instant::now();
        loop {
            let pids = self.pids();
            if done(&pids) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{}: {pids:?} cannot {what}", self.folder.display());
            thread::sleep(LOOK);
        }
    }
}

/// Sends `signal` to a process; whether it was still there.
pub(crate) fn send(pid: Pid, signal: Signal) -> bool {
    kill_process(pid, signal).is_ok()
}

/// Whether the process stands still (or is gone).
fn stands(pid: Pid) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())) else { return true };
    // The name, in parentheses, may hold anything; the state follows it.
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['T', 't', 'Z', 'X']))
}
