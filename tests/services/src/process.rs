//! [`Process`]: a program under test.

use crate::{
    Faketime, folder,
    server::{Recipe, Server},
};
use rustix::process::Signal;
use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

/// A program that is started, killed, stopped and started again, with its output in a log.
///
/// It runs in a temporary folder of its own: whatever runs in there ends with it. What must outlive it, or be shared
/// with another, lies elsewhere. Its standard input is empty.
///
/// ```
/// use squall_services::Process;
/// use std::time::Duration;
///
/// let patience = Duration::from_secs(10);
/// let shell = Process::of("/bin/sh").args(["-c", "trap 'echo ended; exit 3' TERM; echo begun; while :; do :; done"]);
/// shell.start();
/// assert_eq!(shell.wait_for_line("begun", patience), "begun");
/// shell.terminate();
/// assert_eq!(shell.wait_for_end(patience).code(), Some(3));
/// assert_eq!(shell.log(), "begun\nended\n");
///
/// shell.start();
/// shell.kill();
/// assert!(!shell.is_running());
/// ```
#[derive(Debug)]
pub struct Process(Server);

impl Process {
    /// One of `program`, which is not started yet.
    #[must_use]
    pub fn of(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let name = program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let home = folder::temporary("process");
        let recipe = Recipe {
            name,
            program,
            arguments: Vec::new(),
            environment: Vec::new(),
            inside: "",
            as_its_owner: false,
            ready: "",
            end: Signal::KILL,
        };
        Self(Server::prepare(recipe, home))
    }

    /// With these arguments, too.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.recipe().arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// With this variable, beside those of the test.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.recipe().environment.push((name.into(), value.into()));
        self
    }

    /// With another clock than that of the machine.
    #[must_use]
    pub fn clock(mut self, clock: &Faketime) -> Self {
        self.0.recipe().environment.extend(clock.environment());
        self
    }

    /// Starts it, and does not wait. Its log begins anew.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub fn start(&self) {
        self.0.forget_if_ended();
        self.0.launch();
    }

    /// Blocks until a line of its log contains `part`, and gives the first that does.
    ///
    /// # Panics
    ///
    /// If it ends before, or takes longer than `patience`; with the end of its log.
    pub fn wait_for_line(&self, part: &str, patience: Duration) -> String {
        // What was searched is not searched again: a log may be long.
        let mut searched = 0;
        self.0.wait_until(&format!("say `{part}`"), patience, || {
            let log = self.0.log_after(searched);
            // The last line may be on its way.
            let whole = log.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            searched += whole as u64;
            let lines = String::from_utf8_lossy(log.get(..whole).unwrap_or_default()).into_owned();
            lines.lines().find(|line| line.contains(part)).map(str::to_owned)
        })
    }

    /// Blocks until `ready` says so; it is asked every few milliseconds. `what` says for whom it may concern what the
    /// process was to do.
    ///
    /// # Panics
    ///
    /// If the process ends before, or takes longer than `patience`; with the end of its log.
    pub fn wait_until(&self, what: &str, patience: Duration, mut ready: impl FnMut() -> bool) {
        self.0.wait_until(what, patience, || ready().then_some(()));
    }

    /// Blocks until it has ended.
    ///
    /// # Panics
    ///
    /// If it takes longer than `patience`; with the end of its log.
    pub fn wait_for_end(&self, patience: Duration) -> ExitStatus {
        self.0.wait_until("end", patience, || self.0.ended())
    }

    /// Whether it has been started and has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.is_running()
    }

    /// Ends it with SIGKILL, with all that runs in its folder; returns when it is gone. Of no effect if it has ended.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Sends SIGTERM, and does not wait.
    pub fn terminate(&self) {
        self.0.signal(Signal::TERM);
    }

    /// Sends SIGINT, as Ctrl-C does, and does not wait.
    pub fn interrupt(&self) {
        self.0.signal(Signal::INT);
    }

    /// Sends SIGHUP, and does not wait.
    pub fn hang_up(&self) {
        self.0.signal(Signal::HUP);
    }

    /// Stops it where it is, with all that runs in its folder; returns when it stands still.
    ///
    /// # Panics
    ///
    /// If it cannot be stopped.
    pub fn freeze(&self) {
        self.0.freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.0.thaw();
    }

    /// The ids of what runs in its folder.
    #[must_use]
    pub fn pids(&self) -> Vec<i32> {
        self.0.pids()
    }

    /// What it has written to its standard output and error output since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// Where it runs; the folder goes when this is dropped. `log` in it is the log of all its runs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }
}
