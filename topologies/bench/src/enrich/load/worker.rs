//! Worker processes: the binary that this is, running the real topology.

use std::{
    env, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, enrich::wrong};

/// What a worker says before its address.
const LISTENS: &str = "listens on http://";

/// The time between two looks at one that ends.
const LOOK: Duration = Duration::from_millis(20);

/// A worker, as a process that can be killed and started again.
#[derive(Debug)]
pub(super) struct Worker {
    name: String,
    folder: PathBuf,
    child: Option<Child>,
    /// Where it listens, once it does.
    address: Arc<Mutex<Option<SocketAddr>>>,
}

/// A worker, for whoever looks at it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) pid: u32,
    pub(super) address: Option<SocketAddr>,
}

impl Worker {
    /// Starts one in a folder of its own below `home`, with this configuration.
    pub(super) fn start(home: &Path, name: &str, config: &str) -> Result<Self, Error> {
        let folder = home.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("squall.toml"), config)?;
        let mut worker = Self { name: name.to_owned(), folder, child: None, address: Arc::default() };
        worker.spawn()?;
        Ok(worker)
    }

    fn spawn(&mut self) -> Result<(), Error> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["run", "enrichment", "--config", "squall.toml"]).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SQUALL_")) {
            command.env_remove(name);
        }
        let mut child = command.env_remove("NOTIFY_SOCKET").env_remove("WATCHDOG_USEC").spawn()?;
        let log = fs::File::options().create(true).append(true).open(self.log())?;
        let address = Arc::default();
        if let Some(said) = child.stderr.take() {
            let address = Arc::clone(&address);
            thread::spawn(move || listen(said, log, &address));
        }
        (self.child, self.address) = (Some(child), address);
        Ok(())
    }

    /// Ends it with SIGKILL, as if its machine had gone.
    pub(super) fn kill(&mut self) -> Result<(), Error> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again where it was.
    pub(super) fn start_again(&mut self) -> Result<(), Error> {
        self.kill()?;
        self.spawn()
    }

    /// Tells it to end by itself: SIGTERM.
    pub(super) fn tell_to_leave(&self) -> Result<(), Error> {
        let pid = self.child.as_ref().and_then(|child| Pid::from_raw(i32::try_from(child.id()).ok()?));
        let pid = pid.ok_or_else(|| wrong(format!("{} does not run", self.name)))?;
        kill_process(pid, Signal::TERM).map_err(|error| Error::System(error.into()))
    }

    /// Tells it to end, and waits until it has, in good order.
    pub(super) fn leave(&mut self, patience: Duration) -> Result<(), Error> {
        self.tell_to_leave()?;
        let until = Instant::now() + patience;
        loop {
            match self.ended()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.wrong(&format!("ended: {status}"))),
                None if Instant::now() > until => return Err(self.wrong("does not end")),
                None => thread::sleep(LOOK),
            }
        }
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.child.as_mut().map_or(Ok(None), |child| Ok(child.try_wait()?))
    }

    /// Whom to look at.
    pub(super) fn seen(&self) -> Option<Seen> {
        let address = *self.address.lock().unwrap_or_else(PoisonError::into_inner);
        self.child.as_ref().map(|child| Seen { pid: child.id(), address })
    }

    /// An error about it, with the last lines that it said.
    pub(super) fn wrong(&self, what: &str) -> Error {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n");
        wrong(format!("{} {what}; the last that it said:\n{last}", self.name))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Nobody needs it any more; it has ended already, unless something failed.
        self.kill().ok();
    }
}

/// Writes down what a worker says, and where it listens.
fn listen(said: impl io::Read, mut log: fs::File, address: &Mutex<Option<SocketAddr>>) {
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        if let Some(place) = place(&line) {
            *address.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        }
        // A log that cannot be written is no fault of the worker.
        writeln!(log, "{line}").ok();
    }
}

/// The address in a line that says where a worker listens.
fn place(line: &str) -> Option<SocketAddr> {
    let (_, place) = line.split_once(LISTENS)?;
    place.split('/').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_says_where_it_listens() {
        let said = "squall: enrichment listens on http://127.0.0.1:4711/";

        assert_eq!(place(said), Some(([127, 0, 0, 1], 4711).into()));
        assert_eq!(place("something else"), None);
    }
}
