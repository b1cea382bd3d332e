//! [`Server`]: a program that runs in a folder of its own until it is dropped.

use crate::{
    family::{Family, send},
    folder,
    guardian::Guardian,
};
use rustix::process::{Pid, Signal};
use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const LOOK: Duration = Duration::from_millis(5);
/// How long a start may take: a database may have to recover, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server may take to end by itself before it is killed.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a server is started and ended.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// Its name in messages.
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Where it runs, within its folder.
    pub(crate) inside: &'static str,
    /// Whether it runs as the user whom its folder was given to.
    pub(crate) as_its_owner: bool,
    /// What its log says when it serves.
    pub(crate) ready: &'static str,
    /// What makes it end quickly and in order.
    pub(crate) end: Signal,
}

/// A server with its folder, its log and its guardian.
#[derive(Debug)]
pub(crate) struct Server {
    recipe: Recipe,
    child: Mutex<Option<Child>>,
    family: Family,
    log: PathBuf,
    // Fields are dropped in this order: the guardian ends what is left before the folder goes.
    _guardian: Guardian,
    folder: TempDir,
}

impl Server {
    /// Starts it and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it ends, or does not serve within a minute.
    pub(crate) fn start(recipe: Recipe, folder: TempDir) -> Self {
        let guardian = Guardian::of(folder.path(), recipe.end);
        let server = Self {
            child: Mutex::new(None),
            family: Family::of(folder.path()),
            log: folder.path().join("log"),
            _guardian: guardian,
            folder,
            recipe,
        };
        server.start_again();
        server
    }

    /// Starts it once more, in the same folder, and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it runs, and as [`Server::start`].
    pub(crate) fn start_again(&self) {
        let mut child = self.child();
        assert!(child.is_none(), "{} runs already", self.recipe.name);
        let said_before = fs::metadata(&self.log).map_or(0, |log| log.len());
        let started = self.spawn();
        let start = Instant::now();
        let running = child.insert(started);
        while !self.log_since(said_before).contains(self.recipe.ready) {
            let ended = running.try_wait().ok().flatten();
            let why = match ended {
                Some(status) => format!("ended with {status}"),
                None if start.elapsed() > PATIENCE => format!("does not serve after {PATIENCE:?}"),
                None => {
                    thread::sleep(LOOK);
                    continue;
                }
            };
            panic!("{} {why}; its log ends so:\n{}", self.recipe.name, self.end_of_log());
        }
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.and_then(|log| Ok((log.try_clone()?, log)));
        let (said, complained) = match log {
            Ok(log) => log,
            Err(error) => panic!("{}: cannot be written: {error}", self.log.display()),
        };
        let mut command = Command::new(&self.recipe.program);
        command
            .args(&self.recipe.arguments)
            .envs(self.recipe.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path().join(self.recipe.inside))
            // Ctrl-C is for the tests; the guardian sees to the server.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(complained);
        if self.recipe.as_its_owner {
            folder::as_its_owner(&mut command);
        }
        match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("{}: does not start: {error}", self.recipe.program.display()),
        }
    }

    /// Where it lives.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills all its processes at once, as a power failure would; what it wrote stays.
    pub(crate) fn kill(&self) {
        let mut child = self.child();
        self.family.kill();
        if let Some(mut child) = child.take() {
            drop(child.wait());
        }
    }

    /// Stops all its processes where they are.
    pub(crate) fn freeze(&self) {
        self.family.freeze();
    }

    /// Lets them go on.
    pub(crate) fn thaw(&self) {
        self.family.signal(Signal::CONT);
    }

    /// The ids of its processes.
    pub(crate) fn pids(&self) -> Vec<i32> {
        self.family.pids().into_iter().map(|pid| pid.as_raw_nonzero().get()).collect()
    }

    fn end_in_order(&self) {
        let Some(mut child) = self.child().take() else { return };
        self.thaw();
        send(Pid::from_child(&child), self.recipe.end);
        if !self.family.gone_within(FAREWELL) {
            self.family.kill();
        }
        drop(child.wait());
    }

    fn log_since(&self, start: u64) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(log.len());
        String::from_utf8_lossy(log.get(start..).unwrap_or_default()).into_owned()
    }

    fn end_of_log(&self) -> String {
        let log = self.log_since(0);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end_in_order();
    }
}
