//! One process, with the folder that outlives it.

use std::collections::HashSet;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use squall_services::{Faketime, Port, Process};
use tempfile::TempDir;

use crate::binary::binary;
use crate::store::Store;

/// A process that listens by then, or never.
const PATIENCE: Duration = Duration::from_secs(120);

/// The shortest lease that there is, in seconds.
const LEASE: u64 = 3;

/// The variable with the address of the database.
const URL: &str = "SQUALL_TEST_DATABASE";

/// The configuration of every process.
fn configuration(store: &Store, lease: u64, destinations: &str) -> String {
    let database =
        store.url.iter().map(|_| format!("database = [{{ env = \"{URL}\" }}]\n")).collect::<String>();
    format!(
        "[messages]\n{database}lease = \"{lease}s\"\nbackoff = \"300ms\"\nmax_backoff = \"2s\"\nattempts = 40\n\n{destinations}"
    )
}

/// One process, with its port and its data: killed and started again it is the same to everybody.
pub(crate) struct Node {
    port: Port,
    _data: TempDir,
    plain: Process,
    /// The same with a point at which it kills itself.
    armed: Option<Process>,
    /// Held by whoever starts it: others may see to it that it runs.
    starting: Mutex<()>,
    /// The numbers of all processes that this was.
    pids: Mutex<HashSet<String>>,
}

/// What a node is started with.
#[derive(Default)]
pub(crate) struct Manner<'a> {
    pub(crate) crash_at: Option<&'a str>,
    pub(crate) clock: Option<&'a Faketime>,
    /// For how many seconds it may be silent before others take over what it holds; as few as may be if it is to die.
    pub(crate) lease: Option<u64>,
    /// Where its data lies, if not in a folder of its own.
    pub(crate) data: Option<&'a Path>,
    /// What its configuration names by variables.
    pub(crate) secrets: Vec<(&'a str, String)>,
}

impl Node {
    pub(crate) fn new(store: &Store, destinations: &str, manner: &Manner<'_>) -> Self {
        let (port, data) = (Port::reserve(), tempfile::tempdir().unwrap());
        let file = data.path().join("squall.toml");
        fs::write(&file, configuration(store, manner.lease.unwrap_or(LEASE), destinations)).unwrap();
        let folder = manner.data.map_or_else(|| data.path().join("data"), ToOwned::to_owned);
        let process = || {
            let listen = port.address().to_string();
            let args = ["run", "scheduled-messages", "--listen", &listen, "--config"].map(str::to_owned);
            let paths = [&file, &folder].map(|path| path.display().to_string());
            let [file, folder] = paths;
            let process = Process::of(binary()).args(args).args([file, "--data-dir".to_owned(), folder]);
            let secrets =
                manner.secrets.iter().cloned().chain(store.url.iter().map(|url| (URL, url.clone())));
            let process = secrets.fold(process, |process, (name, value)| process.env(name, value));
            match manner.clock {
                Some(clock) => process.clock(clock),
                None => process,
            }
        };
        let armed = manner.crash_at.map(|at| process().env("SQUALL_CRASH_AT", at));
        let plain = process();
        Self { port, _data: data, plain, armed, starting: Mutex::default(), pids: Mutex::default() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Starts it, so that it kills itself at its point.
    pub(crate) fn start_armed(&self) {
        self.start_as(self.armed.as_ref().unwrap_or(&self.plain));
    }

    /// Starts it, and does not wait.
    pub(crate) fn start(&self) {
        self.start_as(&self.plain);
    }

    fn start_as(&self, process: &Process) {
        process.start();
        self.pids.lock().unwrap().extend(process.pids().iter().map(ToString::to_string));
    }

    /// Waits until it listens, or refuses to.
    pub(crate) fn listens(&self) {
        self.running().expect("it runs").wait_for_line("listens on http://", PATIENCE);
    }

    /// Waits until somebody listens at its address, whichever of its lives that is.
    pub(crate) fn answers(&self) {
        let begin = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            assert!(begin.elapsed() < PATIENCE, "nobody listens at {}", self.address());
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn kill(&self) {
        self.armed.iter().chain([&self.plain]).for_each(Process::kill);
    }

    /// Kills it, and starts it so that it kills itself at its point.
    pub(crate) fn kill_and_arm(&self) {
        let _starting = self.starting.lock().unwrap();
        self.kill();
        self.start_armed();
    }

    /// Ends it in order, or at whatever point comes first.
    pub(crate) fn terminate(&self) {
        self.armed.iter().chain([&self.plain]).for_each(Process::terminate);
    }

    fn running(&self) -> Option<&Process> {
        self.armed.iter().chain([&self.plain]).find(|process| process.is_running())
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running().is_some()
    }

    /// Whether a process of this number was this one.
    pub(crate) fn was(&self, pid: &str) -> bool {
        self.pids.lock().unwrap().contains(pid)
    }

    /// Starts it again if it has ended by a signal.
    ///
    /// # Panics
    ///
    /// If it refused to run.
    pub(crate) fn start_if_it_ended(&self) {
        let _starting = self.starting.lock().unwrap();
        if !self.is_running() {
            let said = self.armed.iter().chain([&self.plain]).map(Process::log).collect::<String>();
            let error = said.lines().find(|line| line.starts_with("error: "));
            assert_eq!(error, None, "it refuses to run");
            self.start();
        }
    }

    /// How it ended at its point, if it has.
    pub(crate) fn crashed(&self) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        let armed = self.armed.as_ref().filter(|armed| !armed.is_running());
        armed.is_some_and(|armed| armed.wait_for_end(PATIENCE).signal() == Some(9))
    }

    /// What all of its runs said.
    pub(crate) fn log(&self) -> String {
        let logs = self.armed.iter().chain([&self.plain]);
        logs.map(|process| fs::read_to_string(process.folder().join("log")).unwrap_or_default()).collect()
    }
}
